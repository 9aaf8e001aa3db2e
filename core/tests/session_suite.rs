//! Tests of `topsail_core::proto::Session`, which know nothing of what is built around it.

mod session {
    mod args;
    mod attacks;
    mod bare;
    mod compare;
    mod echo;
    mod hostile;
    mod limits;
    mod objects;
    mod table;
    mod transcript;
    mod transcripts;
    mod world;
}
