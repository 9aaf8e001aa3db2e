use super::{IntoArgument, Typed};
use crate::RpcError;
use crate::peer::{IntoRpc, Outgoing, RpcStub};

/// The return value of a method. Its `finish` is the inherent function for a `Result` and for what takes
/// no encoding, however the type is written, and that of [`ReturnValue`] for any other type: an
/// inherent function is preferred. The bounds stand on the functions and not on the impls, so that they do not take
/// part in that choice and are reported where they fail.
pub struct Return<T>(pub T);

impl<T, E> Return<Result<T, E>> {
    /// Encodes the value or converts the error.
    pub fn finish(self) -> Result<Outgoing, RpcError>
    where
        T: IntoRpc,
        E: IntoRpcError,
    {
        self.0.map_err(E::into_rpc_error)?.into_rpc()
    }

    /// The same for a method of an interface, which says that it gives a `U`.
    pub fn typed<U>(self) -> Typed<U>
    where
        T: IntoArgument<U>,
        E: IntoRpcError,
    {
        Typed::new(self.finish())
    }
}

impl<S: ?Sized> Return<RpcStub<S>> {
    /// The value that is the stub.
    pub fn finish(self) -> Result<Outgoing, RpcError> {
        Ok(self.0.into_raw().into())
    }

    /// The same for a method of an interface, which says that it gives a `U`.
    pub fn typed<U>(self) -> Typed<U>
    where
        RpcStub<S>: IntoArgument<U>,
    {
        Typed::new(self.finish())
    }
}

impl Return<Outgoing> {
    /// The value itself.
    pub fn finish(self) -> Result<Outgoing, RpcError> {
        Ok(self.0)
    }

    /// The same for a method of an interface, which says that it gives a `U`.
    pub fn typed<U>(self) -> Typed<U>
    where
        Outgoing: IntoArgument<U>,
    {
        Typed::new(self.finish())
    }
}

/// `finish` for what is none of these.
pub trait ReturnValue {
    /// The type inside.
    type Value;

    /// Encodes the value.
    fn finish(self) -> Result<Outgoing, RpcError>
    where
        Self::Value: IntoRpc;

    /// The same for a method of an interface, which says that it gives a `U`.
    fn typed<U>(self) -> Typed<U>
    where
        Self::Value: IntoArgument<U>;
}

impl<T> ReturnValue for Return<T> {
    type Value = T;

    fn finish(self) -> Result<Outgoing, RpcError>
    where
        T: IntoRpc,
    {
        self.0.into_rpc()
    }

    fn typed<U>(self) -> Typed<U>
    where
        T: IntoArgument<U>,
    {
        Typed::new(self.0.into_rpc())
    }
}

/// An error that a method can fail with: whatever converts into an [`RpcError`], as every
/// [`std::error::Error`] does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an RPC method",
    label = "does not convert into `RpcError`",
    note = "return `RpcError` (`RpcError::error(\"…\")` makes one of a text), or a type that \
            implements `std::error::Error`"
)]
pub trait IntoRpcError {
    /// Converts it.
    fn into_rpc_error(self) -> RpcError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<RpcError>> IntoRpcError for E {
    fn into_rpc_error(self) -> RpcError {
        self.into()
    }
}
