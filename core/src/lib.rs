//! The Cap'n Web protocol.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]

mod error;
pub mod json;
mod payload;
pub mod proto;

pub use error::RpcError;
pub use payload::Payload;
