//! What nodes are.

use super::Waiters;
use crate::proto::ids::{Cap, CapId, ImportId, TargetId};
use crate::{Payload, RpcError};

/// What a node is.
#[derive(Debug)]
pub(in crate::proto) enum State {
    /// An unused slot.
    Vacant,
    /// A value to come: a running call, or an operation that waits. Whoever will settle it holds
    /// a reference, so a pending node is never freed.
    Pending(Waiters),
    /// A value. Not a lone promise: that is a `Forward`.
    Ready(Payload<Cap>),
    /// A rejected promise, or a broken capability.
    Failed(RpcError),
    /// An object of the caller.
    Target(TargetId),
    /// Something of the peer.
    Import(Import),
    /// A promise of the caller's that takes calls.
    Promised(Promised),
    /// The same as another node, to which it holds a reference.
    Forward(CapId),
    /// An end of a pipe.
    Writable(u64),
    /// An end of a pipe.
    Readable(u64),
}

/// A promise that the caller resolves if it is asked to, and that takes calls before.
#[derive(Debug)]
pub(in crate::proto) struct Promised {
    /// The target that the calls go to, a reference.
    pub(in crate::proto) on: CapId,
    /// Once they want the resolution the caller knows that, and holds a reference.
    pub(in crate::proto) waiters: Waiters,
}

/// An entry of the peer's, as the graph sees it.
#[derive(Debug)]
pub(in crate::proto) struct Import {
    pub(in crate::proto) id: ImportId,
    /// A promise, which will resolve if pulled; otherwise a stub.
    pub(in crate::proto) is_promise: bool,
    /// The peer knows that we want the resolution.
    pub(in crate::proto) is_pulled: bool,
    pub(in crate::proto) waiters: Waiters,
}
