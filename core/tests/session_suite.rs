//! Tests of `topsail_core::proto::Session`, which know nothing of what is built around it.

mod session {
    mod args;
    mod attacks;
    mod bare;
    mod brief;
    mod chunks;
    mod client;
    mod compare;
    mod echo;
    mod freeze;
    mod hostile;
    mod invariants;
    mod lifecycle;
    mod limits;
    mod maps;
    mod model;
    mod multiplied;
    mod objects;
    mod order;
    mod promised;
    mod random;
    mod results;
    mod streaming;
    mod table;
    mod transcript;
    mod transcripts;
    mod world;
}
