use serde::Serialize;

use super::{Outgoing, slots};
use crate::RpcError;

/// What a method can return: anything that serde can serialize, and targets, which are then sent
/// by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of an RPC method",
    label = "neither `Serialize` nor an RPC target",
    note = "a value sent by copy needs `#[derive(serde::Serialize)]`",
    note = "an object sent by reference needs `#[rpc_target]` on an impl block of its type",
    note = "an object inside a value or behind an `Rc` is a stub, by `RpcStub::new`: \
            `Option<RpcStub<Object>>`"
)]
pub trait IntoRpc {
    /// Encodes the value.
    ///
    /// # Errors
    ///
    /// What the type's `Serialize` reports.
    fn into_rpc(self) -> Result<Outgoing, RpcError>;
}

// Errors shall name the type as it was written, not the first thing in it that is not `Serialize`.
#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoRpc for T {
    fn into_rpc(self) -> Result<Outgoing, RpcError> {
        slots::encode(&self)
    }
}
