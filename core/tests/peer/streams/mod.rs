//! Streams between two and three peers.

mod bytes;
mod ends;
mod target;
mod ways;
