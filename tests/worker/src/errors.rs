use std::fmt;

use serde::Serialize;
use topsail::RpcError;

/// An error of the application, which knows nothing of RPC.
#[derive(Debug)]
pub(crate) struct Refused {
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

pub(crate) fn refuse(message: String) -> Result<(), Refused> {
    Err(Refused { message })
}

/// An error with properties and a cause.
pub(crate) fn with_props() -> RpcError {
    RpcError::type_error("with props")
        .with_prop("code", "E_TEST")
        .with_prop("details", &Details { at: 7 })
        .with_cause(RpcError::error("inner"))
}

#[derive(Serialize)]
struct Details {
    at: u32,
}
