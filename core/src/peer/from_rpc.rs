use serde::Deserialize;

/// What an argument or the result of a call can be received as: anything that serde can deserialize.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received by RPC",
    label = "not `Deserialize`",
    note = "a value received by copy needs `#[derive(serde::Deserialize)]`",
    note = "an object or a function of the other side is a stub: `RpcStub`, or with types \
            `RpcStub<dyn Interface>`",
    note = "where nothing says what a call gives, name it: `stub.call::<()>(…)`"
)]
pub trait FromRpc<'de>: Deserialize<'de> {}

#[diagnostic::do_not_recommend]
impl<'de, T: Deserialize<'de>> FromRpc<'de> for T {}
