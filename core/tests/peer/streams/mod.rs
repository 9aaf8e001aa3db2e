//! Streams between two and three peers.

mod ends;
mod target;
mod ways;
