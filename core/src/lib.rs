//! [Cap'n Web](https://github.com/cloudflare/capnweb), the object-capability RPC protocol, without
//! any idea of where it runs: no JavaScript, no socket, no clock, no executor.
//!
//! - [`proto`]: the protocol as a state machine over plain data.
//! - [`codec`] and [`Payload`]: Rust values as text of the wire. Which is which: [`values`].
//! - [`Peer`] and around it: targets, stubs, promises and running methods, by the feature `peer`.
//!
//! Applications on Cloudflare Workers use the crate `topsail`, which re-exports this one.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unreachable,
    clippy::todo
)]

mod base64;
mod bytes_list;
pub mod codec;
mod error;
pub mod json;
mod levels;
mod normal;
mod order;
#[doc(hidden)]
pub mod ordered;
mod outbox;
mod payload;
#[cfg(feature = "peer")]
mod peer;
mod places;
pub mod proto;
mod refusal;
mod slab;
#[cfg(feature = "peer")]
#[doc = include_str!("../docs/values.md")]
pub mod values {}
mod web;
pub mod with;

pub use codec::{
    BigInt, Blob, Body, ByteArray, Bytes, Container, Date, Headers, Request, Response, Undefined,
    Url, Value,
};
pub use error::RpcError;
pub use payload::Payload;
#[cfg(feature = "peer")]
#[doc(hidden)]
pub use peer::macros_support as __private;
#[cfg(feature = "peer")]
pub use peer::*;
pub use proto::{BytesChunk, Frame, Limits, Outbox, set_table_secret};
