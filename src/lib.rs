//! [Cap'n Web](https://github.com/cloudflare/capnweb) for Rust on Cloudflare Workers: a Rust `impl`
//! becomes an object that any Cap'n Web client, above all the npm package `capnweb`, can call over
//! an HTTP batch or a WebSocket, with promise pipelining, callbacks and capabilities passed by
//! reference.
//!
//! ```no_run
//! use topsail::prelude::*;
//! use worker::{Context, Env, Request, Response, event};
//!
//! struct Api;
//!
//! #[rpc_target]
//! impl Api {
//!     /// Says hello.
//!     pub fn hello(&self, name: String) -> String {
//!         format!("Hello, {name}!")
//!     }
//! }
//!
//! #[event(fetch)]
//! async fn fetch(req: Request, _env: Env, _ctx: Context) -> worker::Result<Response> {
//!     new_workers_rpc_response(req, Api).await
//! }
//! # fn main() {}
//! ```
//!
//! From JavaScript: `await newHttpBatchRpcSession("https://…/").hello("World")`.
//!
//! - Serving: [`new_workers_rpc_response`] and its two halves,
//!   [`new_http_batch_rpc_response`] and [`new_workers_websocket_rpc_response`].
//! - Calling others: [`new_http_batch_rpc_session`] and [`new_websocket_rpc_session`].
//! - Objects: [`rpc_target`] for those that live here, [`rpc_interface`] for those that live on
//!   the other side, [`RpcStub`] to hold either.
//!
//! - Durable Objects that sleep while clients are connected: [`RpcDurableObject`], [`Durable`],
//!   [`Subscribers`].
//!
//! # Panics
//!
//! The message of a Rust panic is logged and not sent. A panic ends the Wasm instance and with it
//! everything that it served: batches are answered with 500, WebSockets closed with code 1011. The
//! sessions of an [`RpcDurableObject`] live on, and only their running calls reject. The next request
//! gets a new instance. Built with `worker-build --panic-unwind`, the call in which a panic happens
//! rejects, and nothing else ends.

mod batch;
mod body;
mod client;
mod durable;
mod executor;
mod instance;
pub mod native;
mod options;
mod response;
mod socket;
mod websocket;

pub use batch::new_http_batch_rpc_response;
pub use client::{
    ClientSocket, new_durable_object_rpc_session, new_http_batch_rpc_session,
    new_websocket_rpc_session,
};
pub use durable::{
    Host, Kinds, ObjectContext, RpcDurableObject, RpcDurableOptions, RpcSession, SessionStats,
    SubscriberId, Subscribers, Unnamed,
};
pub use options::{AllowedOrigins, RpcResponseOptions};
pub use response::{new_workers_rpc_response, new_workers_rpc_response_with_options};
pub use websocket::new_workers_websocket_rpc_response;

#[doc(inline)]
pub use topsail_core::with;
#[doc(inline)]
pub use topsail_core::{
    Answer, Apply, Arguments, BigInt, Blob, Body, ByteArray, Bytes, Container, Date, Durable,
    DurableTarget, FromArguments, Headers, Interface, IntoArgument, IntoRpc, IntoTarget, Limits,
    Outbox, Outgoing, Payload, Peer, Property, RawStub, Request, Response, RpcError, RpcPromise,
    RpcReadable, RpcSessionOptions, RpcStub, RpcTarget, RpcWritable, Serves, Transport, Undefined,
    Untyped, Url, Value, codec, function, function_async, revive, rpc_pipe, try_function,
    try_function_async,
};
pub use topsail_macros::{Durable, rpc_interface, rpc_target};

#[doc(hidden)]
pub use topsail_core::__private;

/// What the output of [`durable_object`] names.
#[doc(hidden)]
pub mod __runtime {
    pub use worker::Env;
    pub use worker::worker_sys::DurableObjectState as State;
    pub use {js_sys, wasm_bindgen, web_sys};

    pub use crate::durable::Object;
}

/// What a Worker that serves or calls Cap'n Web needs: `use topsail::prelude::*;`.
pub mod prelude {
    pub use crate::{
        RpcError, RpcPromise, RpcReadable, RpcResponseOptions, RpcSessionOptions, RpcStub,
        RpcTarget, RpcWritable, new_http_batch_rpc_session, new_websocket_rpc_session,
        new_workers_rpc_response, new_workers_rpc_response_with_options, rpc_interface, rpc_target,
    };
}
