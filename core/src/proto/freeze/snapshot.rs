use super::SturdyRef;
use crate::proto::ids::{ExportId, ImportId};
use crate::{Payload, RpcError};

/// All that is saved of a session: its tables, and the nodes that they lead to, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::proto) struct Snapshot {
    /// The number of the peer's last push.
    pub(in crate::proto) last_push: i64,
    /// The number of our last stub or promise: negative.
    pub(in crate::proto) last_export: i64,
    /// The number of our last push.
    pub(in crate::proto) last_import: i64,
    pub(in crate::proto) nodes: Vec<Node>,
    pub(in crate::proto) main: MainExport,
    /// The export table but the main object: results ascending, then others descending.
    pub(in crate::proto) exports: Vec<Entry>,
    /// The exports whose value the peer has asked for and not been given, in order: promises of
    /// its own hold them back, or they failed when memory was lost.
    pub(in crate::proto) waiting: Vec<Waiting>,
    /// What the caller holds: its numbers, ascending, and nodes.
    pub(in crate::proto) held: Vec<(u32, u32)>,
}

/// A node of the promise graph. Forwards are none: what leads to one leads to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::proto) enum Node {
    Main,
    PeerMain,
    Target(SturdyRef),
    /// A value, not a lone promise.
    Value(Payload<Link>),
    Failed(RpcError),
    Peer(PeerEntry),
}

/// A capability in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proto) struct Link {
    pub(in crate::proto) node: u32,
    /// Otherwise a stub, which never leads to a value that is one stub.
    pub(in crate::proto) is_promise: bool,
}

/// An entry of the import table but the peer's main object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proto) struct PeerEntry {
    pub(in crate::proto) id: ImportId,
    pub(in crate::proto) refs: u64,
    pub(in crate::proto) is_promise: bool,
    pub(in crate::proto) is_pulled: bool,
}

/// The entry of the main object in the export table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::proto) enum MainExport {
    Released,
    #[default]
    Held,
    Pulled,
}

/// Another entry of the export table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proto) struct Entry {
    pub(in crate::proto) id: ExportId,
    pub(in crate::proto) node: u32,
    pub(in crate::proto) refs: u64,
    pub(in crate::proto) kind: EntryKind,
    /// The peer has been given the value.
    pub(in crate::proto) is_pulled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proto) enum EntryKind {
    Result,
    Stub {
        /// The node is sent by this id again.
        is_known: bool,
    },
    Promise,
}

/// An export whose value is owed to the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proto) struct Waiting {
    pub(in crate::proto) id: ExportId,
    /// The result of a `stream` message: the answer releases it.
    pub(in crate::proto) is_streamed: bool,
}

impl ExportId {
    /// The place in a snapshot: results ascending, then others descending.
    pub(in crate::proto) fn place(self) -> u64 {
        (u64::from(self.0 < 0) << 63) | self.0.unsigned_abs()
    }
}

impl Entry {
    /// Whether the peer chose the number.
    pub(super) fn is_result(&self) -> bool {
        self.id.0 > 0
    }
}
