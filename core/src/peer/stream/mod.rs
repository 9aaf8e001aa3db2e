//! Streams: the handles of an application, and the tasks that move chunks between a session and
//! what the application streams from and to.

mod chunk;
mod clock;
mod drain;
mod feed;
mod foreign;
mod raw_chunk;
mod readable;
mod writable;

pub use clock::set_clock;
pub use raw_chunk::RawChunk;
pub use readable::RpcReadable;
pub use writable::{RpcWritable, rpc_pipe};

pub(super) use drain::Drain;
pub(super) use feed::Source;
