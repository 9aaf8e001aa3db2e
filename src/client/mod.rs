//! Sessions that a Worker opens itself.

mod batch;
mod durable;
mod websocket;

pub use batch::new_http_batch_rpc_session;
pub use durable::{fetch_durable_object, new_durable_object_rpc_session};
pub use websocket::{ClientSocket, new_websocket_rpc_session};
