use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::raw_stub::Travels;
use super::{RawStub, RpcPromise, RpcTarget, argument_list};
use crate::RpcError;
use crate::proto::Path;

/// Marks a stub of which nothing is known.
pub enum Untyped {}

/// A reference to an object, here or at the peer, on which methods can be called.
///
/// `T` says what the object is: `RpcStub<dyn Interface>` has the methods of a trait under
/// `#[rpc_interface]`. `RpcStub<Counter>` only names the type of the target: like any stub it has
/// [`call`](Self::call), [`get`](Self::get) and [`invoke`](Self::invoke). Nothing checks `T`.
///
/// A stub can be an argument or a part of one, and a result or a part of one. A clone
/// ([`dup`](Self::dup)) is one more reference to the same object, dropping a stub gives its
/// reference back: the object is dropped when the last reference to it is gone. Dropping sends
/// nothing at once.
///
/// ```
/// use topsail_core::{RpcStub, function};
///
/// let double: RpcStub = function(|i: i64| i * 2);
/// let four = futures::executor::block_on(double.invoke::<i64>((2,)))?;
/// assert_eq!(four, 4);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
pub struct RpcStub<T: ?Sized = Untyped> {
    raw: RawStub,
    object: PhantomData<fn() -> Box<T>>,
}

impl<T: RpcTarget> RpcStub<T> {
    /// A stub of an object of this process: of a `T` or an `Rc<T>`.
    pub fn new(target: impl IntoTarget<Target = T>) -> Self {
        RpcStub::from_target(target.into_target())
    }
}

impl<T: ?Sized> RpcStub<T> {
    /// A stub of an object of this process.
    pub fn from_target(target: Rc<dyn RpcTarget>) -> Self {
        RpcStub::from_raw(RawStub::local(target))
    }

    /// A stub whose every use fails.
    pub fn failed(error: RpcError) -> Self {
        RpcStub::from_raw(RawStub::broken(error))
    }

    /// A stub of whatever the reference is to.
    pub fn from_raw(raw: RawStub) -> Self {
        RpcStub { raw: raw.into_stub(), object: PhantomData }
    }

    /// The reference.
    pub fn into_raw(self) -> RawStub {
        self.raw
    }

    /// Calls a method, by its name on the wire. `arguments` is a tuple, array or slice. The call is
    /// sent whether or not the result is awaited.
    pub fn call<R>(&self, method: &str, arguments: impl Serialize) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw.call(&Path::of(method), argument_list::encode(&arguments)))
    }

    /// Reads a property, by its name on the wire.
    pub fn get<R>(&self, property: &str) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw.get(&Path::of(property)))
    }

    /// Calls the object itself, as a function. `arguments` is a tuple, array or slice.
    pub fn invoke<R>(&self, arguments: impl Serialize) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw.call(&Path::new(), argument_list::encode(&arguments)))
    }

    /// The same object as one of another type. Nothing is checked.
    pub fn cast<U: ?Sized>(self) -> RpcStub<U> {
        RpcStub::from_raw(self.raw)
    }

    /// One more reference to the same object.
    #[must_use]
    pub fn dup(&self) -> Self {
        RpcStub::from_raw(self.raw.clone())
    }

    /// Calls back once when the object can no longer be reached: with the error of the session
    /// when that ends, or with the error that the promise it came from rejects with. Callbacks
    /// run in the order in which they were registered. An object of this process does not break.
    pub fn on_broken(&self, callback: impl FnOnce(RpcError) + 'static) {
        self.raw.on_broken(Box::new(callback));
    }

    pub(super) fn raw(&self) -> &RawStub {
        &self.raw
    }
}

impl<T: ?Sized> Clone for RpcStub<T> {
    fn clone(&self) -> Self {
        self.dup()
    }
}

/// As for [`RawStub`].
impl<T: ?Sized> PartialEq for RpcStub<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T: ?Sized> fmt::Debug for RpcStub<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcStub")
    }
}

impl<T: ?Sized> Serialize for RpcStub<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de, T: ?Sized> Deserialize<'de> for RpcStub<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawStub::decode(deserializer, Travels::Stub).map(RpcStub::from_raw)
    }
}

impl<T: RpcTarget> From<T> for RpcStub<T> {
    fn from(target: T) -> Self {
        RpcStub::new(target)
    }
}

impl<T: RpcTarget> From<T> for RpcStub {
    fn from(target: T) -> Self {
        RpcStub::from_target(Rc::new(target))
    }
}

impl<T: RpcTarget> From<RpcStub<T>> for RpcStub {
    fn from(stub: RpcStub<T>) -> Self {
        stub.cast()
    }
}

/// A target, or an `Rc` of one: what [`RpcStub::new`] takes, and what sessions have as their main object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no RPC target",
    label = "neither a type with an `impl` block under `#[rpc_target]` nor an `Rc` of one",
    note = "put `#[rpc_target]` on the `impl` block whose methods can be called",
    note = "a function becomes a stub by `topsail::function`"
)]
pub trait IntoTarget {
    /// The type of the target.
    type Target: RpcTarget;
    /// The target, shared.
    fn into_target(self) -> Rc<Self::Target>;
}

#[diagnostic::do_not_recommend]
impl<T: RpcTarget> IntoTarget for T {
    type Target = T;

    fn into_target(self) -> Rc<T> {
        Rc::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: RpcTarget> IntoTarget for Rc<T> {
    type Target = T;

    fn into_target(self) -> Rc<T> {
        self
    }
}
