use std::fmt;

use topsail::RpcError;

/// What can go wrong here. A client gets it as an `Error` with this text.
#[derive(Debug)]
pub(crate) enum DemoError {
    BadToken,
    NoSuchUser(String),
    /// The client's function failed.
    Callback(RpcError),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoError::BadToken => f.write_str("invalid API token"),
            DemoError::NoSuchUser(id) => write!(f, "no such user: {id}"),
            DemoError::Callback(error) => write!(f, "the callback failed: {}", error.message()),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<RpcError> for DemoError {
    fn from(error: RpcError) -> Self {
        DemoError::Callback(error)
    }
}
