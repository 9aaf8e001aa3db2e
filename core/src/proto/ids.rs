/// The caller's name for an object of its own. The session only compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(pub u64);

/// The caller's name for a pull, given back with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullId(pub u64);

/// The caller's name for a watch, given back when the capability breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(pub u64);

/// A reference to a capability or promise of one session. It counts: whoever holds it gives it
/// back once, by [`release`](super::Session::release) or by passing it into the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapId(pub(super) u32);

/// An object, by a number that is never used twice, unlike that of a `CapId`.
#[cfg(feature = "peer")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referent {
    /// One of the caller's.
    Own(TargetId),
    /// One of the peer's.
    Peer(i64),
}

/// A promise that the caller has to [`settle`](super::Session::settle), once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerId(pub(super) u32);

#[cfg(feature = "peer")]
impl CapId {
    /// What settles it, if it is the promise of a call.
    pub(crate) fn answer(self) -> AnswerId {
        AnswerId(self.0)
    }
}

/// An entry of our export table, the peer's imports: positive when the peer chose the number (by
/// a push), negative when we did, 0 for our main object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ExportId(pub(super) i64);

/// An entry of our import table, the peer's exports: positive when we chose the number (by a
/// push), negative when the peer did, 0 for the peer's main object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ImportId(pub(super) i64);

/// A capability of a session inside a payload. It owns one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Delivered as it is.
    Stub(CapId),
    /// Replaced by what it resolves to before the value is delivered.
    Promise(CapId),
    /// A stream to be written to: the writable end of a pipe, or something of the peer's.
    Writable(CapId),
    /// A stream to be read, once: the readable end of a pipe.
    Readable(CapId),
}

impl Cap {
    /// Whether it is replaced before the value is delivered.
    pub(super) fn is_promise(&self) -> bool {
        matches!(self, Cap::Promise(_))
    }

    /// The reference.
    pub fn id(self) -> CapId {
        match self {
            Cap::Stub(id) | Cap::Promise(id) | Cap::Writable(id) | Cap::Readable(id) => id,
        }
    }
}
