use std::fmt;

use crate::json::SyntaxError;
use crate::{RpcError, refusal};

/// The peer broke the protocol, or a limit. The session has ended: the turn holds the `abort`
/// message for the peer, and every further input is ignored or fails alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort(RpcError);

impl Abort {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Abort(RpcError::error(message))
    }

    /// A message that is longer than [`Limits::max_message_bytes`](super::Limits).
    pub fn too_long(limit_bytes: usize) -> Self {
        Abort(refusal::range_error("a message exceeds ", &limit_bytes, " bytes"))
    }

    /// The error as the peer is told it, and as every waiting call rejects with.
    pub fn error(&self) -> &RpcError {
        &self.0
    }
}

impl From<RpcError> for Abort {
    fn from(error: RpcError) -> Self {
        Abort(error)
    }
}

impl From<SyntaxError> for Abort {
    fn from(error: SyntaxError) -> Self {
        Abort(RpcError::new("SyntaxError", format!("bad message: {error}")))
    }
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session aborted: {}", self.0)
    }
}

impl std::error::Error for Abort {}
