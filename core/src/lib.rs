//! The Cap'n Web protocol.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]

pub mod codec;
mod error;
pub mod json;
mod payload;
pub mod proto;

pub use codec::{BigInt, ByteArray, Bytes, Container, Date, Undefined, Url, Value};
pub use error::RpcError;
pub use payload::Payload;
