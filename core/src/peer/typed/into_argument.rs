use serde::Serialize;

use crate::Bytes;
use crate::peer::macros_support::{ArgumentList, Callable};
use crate::peer::{IntoRpc, RpcPromise, RpcStub, RpcTarget};

/// A value that can be given where an interface says `T`: as an argument to a stub's method, and
/// as the result of a method that serves the interface.
///
/// | where the interface says | fits |
/// | --- | --- |
/// | `T` | `T`, `&T`, `RpcPromise<T>` and a reference to one |
/// | `String` | also `&str` |
/// | `Vec<T>` | also `&[T]`, `[T; N]`, `&[T; N]` |
/// | `Bytes` | also `&[u8]`, `Vec<u8>`, as arguments |
/// | `Option<T>` | also `T`, a promise of one; `&str` for an `Option<String>` |
/// | `RpcStub<dyn Trait>` | also a target that serves the interface `Trait` |
/// | `RpcStub` | also any target |
///
/// A promise is sent as it is, without waiting for it: the receiver gets what it resolves to. That
/// is pipelining in arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand where the interface says `{T}`",
    label = "expected `{T}`, or a promise of it",
    note = "what can stand for which type is listed in the documentation of `IntoArgument`",
    note = "a target inside a value is a stub: `Some(target.into())`, an `Option<RpcStub<dyn Interface>>`"
)]
pub trait IntoArgument<T>: IntoRpc {
    /// Appends the value to a call's arguments.
    #[doc(hidden)]
    fn add_to(self, arguments: &mut ArgumentList);
}

/// Implements the trait for types that are serialized as they are.
macro_rules! fits {
    ($([$($generics:tt)*] $from:ty => $to:ty,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoArgument<$to> for $from {
            fn add_to(self, arguments: &mut ArgumentList) {
                arguments.push(&self);
            }
        }
    )*};
}

fits! {
    [T: Serialize] T => T,
    [T: Serialize] &T => T,
    [T: Serialize] T => Option<T>,
    [] &str => String,
    [] &str => Option<String>,
    [T: Serialize] &[T] => Vec<T>,
    [T] RpcPromise<T> => T,
    [T] &RpcPromise<T> => T,
    [T] RpcPromise<T> => Option<T>,
    [T] &RpcPromise<T> => Option<T>,
}

#[diagnostic::do_not_recommend]
impl<T: Serialize, const N: usize> IntoArgument<Vec<T>> for [T; N]
where
    [T; N]: IntoRpc,
{
    fn add_to(self, arguments: &mut ArgumentList) {
        arguments.push(self.as_slice());
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize, const N: usize> IntoArgument<Vec<T>> for &[T; N]
where
    [T; N]: Serialize,
{
    fn add_to(self, arguments: &mut ArgumentList) {
        arguments.push(self.as_slice());
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Bytes> for &[u8] {
    fn add_to(self, arguments: &mut ArgumentList) {
        arguments.push(&Bytes::from(self));
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgument<Bytes> for Vec<u8> {
    fn add_to(self, arguments: &mut ArgumentList) {
        arguments.push(&Bytes::from(self));
    }
}

/// Appends a target to a call's arguments, by reference.
pub fn push_target<T: RpcTarget>(arguments: &mut ArgumentList, target: T) {
    arguments.push(&RpcStub::<T>::new(target));
}

/// What the methods of an interface are called on: a stub of it, or a promise of such a stub.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stub of an RPC interface",
    label = "only stubs and promises implement the trait of an interface",
    note = "to serve the interface, put `#[rpc_target]` on this impl"
)]
pub trait Remote: Callable {}

impl<T: ?Sized> Remote for RpcStub<T> {}
impl<T> Remote for RpcPromise<T> {}
