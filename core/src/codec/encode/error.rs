use std::fmt;

use crate::RpcError;
use crate::codec::MAX_LEVELS;

/// Why a value cannot be encoded.
///
/// One word: each part of a value that is encoded returns whether it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError(Box<Message>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Message(String);

impl EncodeError {
    #[cold]
    pub(super) fn new(message: String) -> Self {
        EncodeError(Box::new(Message(message)))
    }

    #[cold]
    pub(super) fn too_deep() -> Self {
        EncodeError::new(format!("the value exceeded the maximum depth of {MAX_LEVELS}"))
    }

    #[cold]
    pub(super) fn not_a_list() -> Self {
        EncodeError::new(String::from("the arguments of a call must be a tuple or an array"))
    }

    #[cold]
    pub(super) fn bad_key() -> Self {
        EncodeError::new(String::from("the key of an object must be a string"))
    }

    #[cold]
    pub(super) fn not_a_token() -> Self {
        EncodeError::new(String::from("a capability must serialize as a u32"))
    }

    /// As the error that a call rejects with: a `TypeError`.
    #[cold]
    pub fn into_rpc_error(self) -> RpcError {
        RpcError::type_error(self.0.0)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl std::error::Error for EncodeError {}
