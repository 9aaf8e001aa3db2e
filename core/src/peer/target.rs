use std::any::Any;
use std::rc::Rc;

use futures::future::LocalBoxFuture;

use super::{Arguments, DurableTarget, RawStub, Settle};
use crate::{Payload, RpcError};

/// A value ready to be sent: its text, and the stubs and promises in it.
pub type Outgoing = Payload<RawStub>;

/// An object whose methods the peer can call.
///
/// `#[rpc_target]` writes this for an `impl` block; write it by hand only for objects whose
/// members are not known before run time. Nothing is reachable over RPC but what these three
/// functions answer.
///
/// The functions run while the session processes a message. They may do with stubs, promises and
/// peers what they like, the calling session included: its effects are queued.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no RPC target",
    label = "no `impl` block of it is under `#[rpc_target]`",
    note = "put `#[rpc_target]` on the `impl` block whose methods can be called"
)]
pub trait RpcTarget: Any {
    /// Calls a method, by its name on the wire.
    fn call(self: Rc<Self>, method: &str, arguments: Arguments<'_>) -> Answer;

    /// Calls the object itself, as a function.
    fn invoke(self: Rc<Self>, _arguments: Arguments<'_>) -> Answer {
        Answer::Ready(Err(RpcError::type_error("the target is not a function.")))
    }

    /// Reads a property, by its name on the wire.
    fn get(self: Rc<Self>, property: &str) -> Property;

    /// The target as one that outlives memory, if it is [`Durable`](super::Durable).
    fn as_durable(&self) -> Option<&dyn DurableTarget> {
        None
    }

    /// The name of its type, for people.
    fn type_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Calls back once when the object can no longer be reached: what
    /// [`RpcStub::on_broken`](super::RpcStub::on_broken) asks for. An object that lives here does
    /// not break; one that stands for something elsewhere may.
    fn on_broken(self: Rc<Self>, _callback: Box<dyn FnOnce(RpcError)>) {}
}

/// A target that is a promise: calls and property reads on the value to come go to it, before the
/// value is there and in the order in which they are made.
pub trait PromisedTarget: RpcTarget {
    /// The value. Asked for at most once, and only if somebody wants it.
    fn resolve(self: Rc<Self>) -> LocalBoxFuture<'static, Result<Outgoing, RpcError>>;

    /// As [`resolve`](Self::resolve), for a target whose host calls back: it keeps the handle, and
    /// gives the value to it. `Some`: this one has to be asked by `resolve`.
    fn resolve_to(self: Rc<Self>, settle: Settle) -> Option<Settle> {
        Some(settle)
    }
}

/// What a call gives.
pub enum Answer {
    /// The result.
    Ready(Result<Outgoing, RpcError>),
    /// The result will come. The future is polled at once, and again only if it is not ready.
    Pending(LocalBoxFuture<'static, Result<Outgoing, RpcError>>),
    /// The result will come, if anybody asks for it, and takes calls already: those that the peer
    /// makes on it, without waiting, go to the target.
    Promised(Rc<dyn PromisedTarget>),
    /// There is no such method. If there is a property of that name, its value is called;
    /// otherwise the caller gets a `TypeError`.
    NoSuchMethod,
}

/// What reading a property gives.
pub enum Property {
    /// The property's value.
    Value(Answer),
    /// The name is that of a method: the value is a function that calls it on this object.
    Method,
    /// There is no such property: the value is `undefined`.
    Missing,
}

/// A method of a target as a function of its own: what reading the property gives.
pub(super) struct BoundMethod {
    target: Rc<dyn RpcTarget>,
    method: Box<str>,
}

impl BoundMethod {
    pub(super) fn new(target: Rc<dyn RpcTarget>, method: &str) -> Self {
        BoundMethod { target, method: method.into() }
    }

    pub(super) fn target(&self) -> &Rc<dyn RpcTarget> {
        &self.target
    }
}

impl RpcTarget for BoundMethod {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn invoke(self: Rc<Self>, arguments: Arguments<'_>) -> Answer {
        Rc::clone(&self.target).call(&self.method, arguments)
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}
