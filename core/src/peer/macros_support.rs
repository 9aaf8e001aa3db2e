//! What the macros' output calls. No part of the public API.

use std::rc::Rc;

pub use serde;

pub use super::argument_list::ArgumentList;
pub use super::durable::{IsDurable, IsNotDurable, Probe};
pub use super::setting::host_setting;
pub use super::typed::{
    Given, IntoRpcError, Remote, Reply, Return, ReturnValue, Text, Typed, given, push_target,
};
use super::{Answer, Outgoing, RawStub, RpcPromise, RpcStub, RpcTarget};
pub use crate::Bytes;
use crate::proto::Path;
use crate::{Payload, RpcError};

/// The answer of a method that is not async.
pub fn ready(result: Result<Outgoing, RpcError>) -> Answer {
    Answer::Ready(result)
}

/// The answer of an async method.
pub fn pending(future: impl Future<Output = Result<Outgoing, RpcError>> + 'static) -> Answer {
    Answer::Pending(Box::pin(future))
}

/// Sends an object by reference.
///
/// # Errors
///
/// None.
pub fn target_into_rpc<T: RpcTarget>(target: T) -> Result<Outgoing, RpcError> {
    Ok(Payload::from_cap(RawStub::local(Rc::new(target))))
}

/// What methods can be called on: stubs and promises.
pub trait Callable: sealed::Sealed {
    /// The reference.
    fn raw(&self) -> &RawStub;
}

impl<T: ?Sized> Callable for RpcStub<T> {
    fn raw(&self) -> &RawStub {
        RpcStub::raw(self)
    }
}

impl<T> Callable for RpcPromise<T> {
    fn raw(&self) -> &RawStub {
        RpcPromise::raw(self)
    }
}

/// Calls a method. `arguments` is a plain array.
pub fn call_typed<T>(
    on: &impl Callable,
    method: &str,
    arguments: Result<Outgoing, RpcError>,
) -> RpcPromise<T> {
    RpcPromise::from_raw(on.raw().call(&Path::of(method), arguments))
}

/// Reads a property.
pub fn get_typed<T>(on: &impl Callable, property: &str) -> RpcPromise<T> {
    RpcPromise::from_raw(on.raw().get(&Path::of(property)))
}

/// Decodes a value that is all there.
///
/// # Errors
///
/// A `TypeError` if it does not fit.
pub fn decode<T: serde::de::DeserializeOwned>(value: Outgoing) -> Result<T, RpcError> {
    super::incoming::decode(value)
}

/// Encodes a tuple, array or slice as the arguments of a call.
///
/// # Errors
///
/// If they cannot be encoded.
pub fn encode_arguments<T: serde::Serialize + ?Sized>(arguments: &T) -> Result<Outgoing, RpcError> {
    super::argument_list::encode(arguments)
}

/// Calls the thing itself, as a function. `arguments` is a plain array.
pub fn invoke_typed<T>(on: &impl Callable, arguments: Result<Outgoing, RpcError>) -> RpcPromise<T> {
    RpcPromise::from_raw(on.raw().call(&Path::new(), arguments))
}

mod sealed {
    pub trait Sealed {}
    impl<T: ?Sized> Sealed for super::RpcStub<T> {}
    impl<T> Sealed for super::RpcPromise<T> {}
}
