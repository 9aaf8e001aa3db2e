//! The RPC that is built into Workers, and Cap'n Web: each other's objects.
//!
//! [`stub`] makes an [`RpcStub`] of a native object: a service binding, a Durable Object
//! ([`durable_object`]), a native stub, promise or function. It is used like any other: called
//! from Rust, also by a typed interface ([`rpc_interface`](macro@crate::rpc_interface)), or given
//! to a client, who calls it as if it lived in the Rust Worker. Calls on results that are not there
//! yet are passed on at once, as Workers RPC pipelines them (which fails for a stub that is an argument of the same
//! call and no `dup()` of it: the runtime disposes of that when the call ends). Elements of lists are waited for.
//!
//! ```no_run
//! use topsail::prelude::*;
//! use topsail::native;
//! use worker::Env;
//!
//! struct Api { env: Env }
//!
//! #[rpc_target]
//! impl Api {
//!     pub fn room(&self, name: &str) -> Result<RpcStub, RpcError> {
//!         Ok(native::durable_object(&self.env, "ROOMS", name)?)
//!     }
//! }
//! ```
//!
//! [`expose`] goes the other way: it makes a native function and object of a stub. Arguments and
//! results do so by themselves, so that callbacks of a client can be kept by a Durable Object (by
//! `dup()`, as any native stub). When the last native stub is disposed of, so is the client's.
//!
//! # Values
//!
//! Every value that both sides know goes through as it is. What Workers RPC has beyond that is
//! converted by [`NativeRules`], which a session or a stub has. Errors keep their class, message, properties and cause, and lose
//! their stack, the marks of the runtime (`remote`, `durableObjectId`) and properties that cannot be sent. What is
//! thrown and is a plain object rejects as it is.
//!
//! A value that holds itself, and an object of a class that the protocol does not know, reject with a `TypeError` that
//! names the place. So do a `Response.error()`, and what npm `capnweb` would end its session over: a bigint of more
//! than 16,384 digits, and a value that is more than 255 levels deep. What the runtime cannot send to a native object
//! (a `URL`) rejects with its `DataCloneError`. As in npm `capnweb`, -0 arrives as 0, a hole of an array as
//! `undefined`, and what stands twice in a value as two; an array's properties beside its elements are left out.
//!
//! Streams go by Workers RPC as bytes and texts, which arrive as bytes. Another chunk fails a stream that goes to a
//! native object, and its source is cancelled with a `TypeError`; of a stream that comes from one, the runtime leaves
//! such a chunk out or fails the stream. Of a stream that fails, or is aborted or cancelled, it tells the other side
//! that it was disconnected, in either direction, and not why; of a writable stream that refuses a chunk, it does tell
//! why.
//!
//! # Objects that break
//!
//! A Durable Object that is aborted, or a Worker that is gone, rejects its callers. Workers RPC has no
//! event for that (nothing like `onRpcBroken`): it is noticed by the first call that rejects so, one
//! that was in flight before included. Then [`RpcStub::on_broken`] calls back, for the stub and for all
//! that came from it. Who has to know at once keeps a call in flight that the object does not answer.
//!
//! [`to_js`] and [`from_js`] convert single values, streams included, and
//! [`request_into_worker`] and its like those of the Fetch API.
//!
//! The Worker needs the compatibility flag `rpc_params_dup_stubs`, which is set from the
//! compatibility date 2026-01-20 on.

mod convert;
mod exposed;
mod face;
mod holes;
mod js;
mod names;
mod rules;
mod settled;
mod streams;
mod stub;
mod value;

use topsail_core::{RpcError, RpcStub};
use wasm_bindgen::JsValue;
use worker::Env;

pub use convert::{
    from_js, headers_from_worker, headers_into_worker, request_from_worker, request_into_worker,
    response_from_worker, response_into_worker, to_js,
};
#[doc(hidden)]
pub use face::private;
pub use rules::{MapRule, NativeRules, RegExpRule, SetRule};

use crate::instance;
use js::NATIVE;
use stub::NativeStub;

/// A stub of a native object, which it takes over: dropping the last reference disposes of it.
///
/// `object` is a native stub or promise, a service binding ([`worker::Fetcher`]), a function or an
/// instance of `RpcTarget`. Calls on it go out in the order in which they are made; a property is read when
/// its value is asked for, as the runtime does it, and so perhaps behind calls that were made later.
///
/// Functions and instances of `RpcTarget` are called by Workers RPC, too: they take and give what that carries,
/// and can be called in the request in which they were made a stub, or in any event of the same Durable Object.
pub fn stub<T: ?Sized>(object: impl Into<JsValue>) -> RpcStub<T> {
    stub_by(object.into(), None)
}

/// As [`stub`], with rules for the values that come from the object, and from all objects that
/// come from it, whatever those of the sessions are that use it.
pub fn stub_with_rules<T: ?Sized>(object: impl Into<JsValue>, rules: NativeRules) -> RpcStub<T> {
    stub_by(object.into(), Some(rules))
}

fn stub_by<T: ?Sized>(object: JsValue, rules: Option<NativeRules>) -> RpcStub<T> {
    instance::start();
    let object = NATIVE.with(|native| native.adopt(&object));
    RpcStub::from_target(NativeStub::new(object, rules))
}

/// A stub of the Durable Object of a name, by the binding of its namespace.
///
/// # Errors
///
/// A `TypeError` if there is no such binding.
pub fn durable_object<T: ?Sized>(
    env: &Env,
    binding: &str,
    name: &str,
) -> Result<RpcStub<T>, RpcError> {
    object_by(env, binding, name, None)
}

/// As [`durable_object`], with rules for the values that come from the object.
///
/// # Errors
///
/// As [`durable_object`].
pub fn durable_object_with_rules<T: ?Sized>(
    env: &Env,
    binding: &str,
    name: &str,
    rules: NativeRules,
) -> Result<RpcStub<T>, RpcError> {
    object_by(env, binding, name, Some(rules))
}

fn object_by<T: ?Sized>(
    env: &Env,
    binding: &str,
    name: &str,
    rules: Option<NativeRules>,
) -> Result<RpcStub<T>, RpcError> {
    instance::start();
    let find = |binding: &JsValue| NATIVE.with(|native| native.object_named(env, binding, name));
    let object = names::with(binding, find).map_err(value::error)?;
    Ok(RpcStub::from_target(NativeStub::new(object, rules)))
}

/// A stub of a service that is bound to the Worker: another Worker's entrypoint, or one of its own.
///
/// # Errors
///
/// A `TypeError` if there is no such binding.
///
/// ```no_run
/// use topsail::prelude::*;
/// use topsail::native;
///
/// #[rpc_interface]
/// trait Greeter {
///     fn greet(&self, name: &str) -> String;
/// }
///
/// async fn greeting(env: &worker::Env) -> Result<String, RpcError> {
///     native::service::<dyn Greeter>(env, "GREETER")?.greet("World").await
/// }
/// ```
pub fn service<T: ?Sized>(env: &Env, binding: &str) -> Result<RpcStub<T>, RpcError> {
    instance::start();
    let find = |binding: &JsValue| NATIVE.with(|native| native.service(env, binding));
    let service = names::with(binding, find).map_err(value::error)?;
    Ok(RpcStub::from_target(NativeStub::new(service, None)))
}

/// A native function and object that passes calls and property reads on to a stub. It takes the
/// stub over, and gives it back when it is disposed of.
pub fn expose<T: ?Sized>(stub: RpcStub<T>) -> JsValue {
    expose_with_rules(stub, NativeRules::default())
}

/// As [`expose`], with rules for the arguments.
pub fn expose_with_rules<T: ?Sized>(stub: RpcStub<T>, rules: NativeRules) -> JsValue {
    instance::start();
    exposed::expose(stub.into_raw(), rules)
}
