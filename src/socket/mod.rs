//! A session on a WebSocket of the Workers runtime.

mod listen;
mod reason;
mod transport;

pub(crate) use listen::listen;
pub(crate) use transport::SocketTransport;
