//! A session on a WebSocket of the Workers runtime.

mod listen;
mod listeners;
mod reason;
mod transport;

pub(crate) use listen::{answer_close, disconnect, listen, unexpected_binary};
pub(crate) use transport::SocketTransport;
