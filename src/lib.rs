//! [Cap'n Web](https://github.com/cloudflare/capnweb) for Rust on Cloudflare Workers: a Rust `impl`
//! becomes an object that any Cap'n Web client, above all the npm package `capnweb`, can call over
//! an HTTP batch or a WebSocket, with promise pipelining, callbacks and capabilities passed by
//! reference.
//!
//! ```no_run
//! use topsail::prelude::*;
//! use worker::{Context, Env};
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
//! #[topsail::event(fetch)]
//! async fn fetch(req: RawRequest, _env: Env, _ctx: Context) -> worker::Result<RawResponse> {
//!     new_workers_rpc_response(req, Api).await
//! }
//! # fn main() {}
//! ```
//!
//! From JavaScript: `await newHttpBatchRpcSession("https://…/").hello("World")`.
//!
//! - Serving: [`new_workers_rpc_response`] and its two halves,
//!   [`new_http_batch_rpc_response`] and [`new_workers_websocket_rpc_response`], in a handler of
//!   `#[topsail::event]` ([`macro@event`]) or of `#[worker::event]`.
//! - Calling others: [`new_http_batch_rpc_session`] and [`new_websocket_rpc_session`].
//! - Objects: [`rpc_target`] for those that live here, [`rpc_interface`] for those that live on
//!   the other side, [`RpcStub`] to hold either.
//! - Values: [`values`] has the rules, from `Option` to streams.
//! - Durable Objects that sleep while clients are connected: [`RpcDurableObject`], [`Durable`],
//!   [`Subscribers`]; [`fetch_durable_object`] passes requests on to them.
//!
//! # Panics
//!
//! The message of a Rust panic is logged and not sent. A panic ends the Wasm instance and with it
//! everything that it served: batches are answered with 500, WebSockets closed with code 1011. The
//! sessions of an [`RpcDurableObject`] live on, and only their running calls reject. The next request
//! gets a new instance. Built with `worker-build --panic-unwind`, the call in which a panic happens
//! rejects, and nothing else ends.

mod answer;
mod batch;
mod body;
mod client;
mod driven;
mod durable;
mod event;
mod executor;
mod handler;
mod instance;
pub mod native;
mod options;
mod reply;
mod request;
mod response;
mod socket;
mod text;
mod watch;
mod websocket;

pub use batch::new_http_batch_rpc_response;
pub use client::{
    ClientSocket, fetch_durable_object, new_durable_object_rpc_session, new_http_batch_rpc_session,
    new_websocket_rpc_session,
};
pub use durable::{
    Host, Kinds, ObjectContext, RpcDurableObject, RpcDurableOptions, RpcSession, SessionStats,
    SubscriberId, Subscribers, Unnamed,
};
pub use options::{AllowedOrigins, RpcResponseOptions};
pub use request::{IncomingRequest, RawRequest, RawResponse};
pub use response::{new_workers_rpc_response, new_workers_rpc_response_with_options};
pub use websocket::new_workers_websocket_rpc_response;

#[doc(inline)]
pub use topsail_core::{
    Answer, Apply, Arguments, BigInt, Blob, Body, ByteArray, Bytes, Container, Date, Durable,
    DurableTarget, FromArguments, FromRpc, Headers, Interface, IntoArgument, IntoRpc, IntoTarget,
    Limits, Outbox, Outgoing, Payload, Peer, Property, RawChunk, RawStub, Request, Response,
    RpcError, RpcPromise, RpcReadable, RpcSessionOptions, RpcStub, RpcTarget, RpcWritable, Serves,
    Transport, Undefined, Untyped, Url, Value, codec, function, function_async, revive, rpc_pipe,
    try_function, try_function_async,
};
#[doc(inline)]
pub use topsail_core::{values, with};
pub use topsail_macros::{Durable, event, rpc_interface, rpc_target};

#[doc(hidden)]
pub use topsail_core::__private;

/// What the output of [`durable_object`] and [`macro@event`] names.
#[doc(hidden)]
pub mod __runtime {
    pub use worker::worker_sys::{Context as RawContext, DurableObjectState as State};
    pub use worker::{Context, Env};
    pub use {js_sys, wasm_bindgen, web_sys};

    pub use crate::durable::Object;
    pub use crate::event::fetch;
}

/// What a Worker that serves or calls Cap'n Web needs: `use topsail::prelude::*;`.
pub mod prelude {
    pub use crate::{
        RawRequest, RawResponse, RpcError, RpcPromise, RpcReadable, RpcResponseOptions,
        RpcSessionOptions, RpcStub, RpcTarget, RpcWritable, new_http_batch_rpc_session,
        new_websocket_rpc_session, new_workers_rpc_response, new_workers_rpc_response_with_options,
        rpc_interface, rpc_target,
    };
}
