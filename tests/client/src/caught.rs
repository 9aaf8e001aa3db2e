use futures::channel::oneshot;
use serde::{Deserialize, Serialize};
use topsail::prelude::*;

/// An error as Rust saw it.
#[derive(Serialize)]
pub(crate) struct Caught {
    kind: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Box<Caught>>,
}

#[derive(Deserialize, Serialize)]
struct Details {
    at: u32,
}

impl Caught {
    fn of(error: &RpcError) -> Self {
        Caught {
            kind: error.kind().to_owned(),
            message: error.message().to_owned(),
            code: error.prop("code"),
            details: error.prop("details"),
            cause: error.cause().map(|cause| Box::new(Caught::of(&cause))),
        }
    }
}

/// The error of a call that has to fail.
pub(crate) async fn caught<T>(
    call: impl Future<Output = Result<T, RpcError>>,
) -> Result<Caught, RpcError> {
    match call.await {
        Ok(_) => Err(RpcError::error("The call did not fail.")),
        Err(error) => Ok(Caught::of(&error)),
    }
}

/// The error that the stub breaks with.
pub(crate) fn broken<T: ?Sized>(
    stub: &RpcStub<T>,
) -> impl Future<Output = Result<Caught, RpcError>> + use<T> {
    let (sender, receiver) = oneshot::channel();
    stub.on_broken(move |error| {
        let _ = sender.send(error);
    });
    async move { Ok(Caught::of(&receiver.await?)) }
}
