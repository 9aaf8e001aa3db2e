use crate::RpcError;

/// The name of a target that outlives memory: what the application makes it from again. The
/// session only stores it.
///
/// Cap'n Proto has the word for it: a sturdy reference is one that can be saved and restored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SturdyRef {
    /// Which kind of target it is.
    pub kind: Box<str>,
    /// What this one is made from, in a form that the kind knows. It should be the same text for
    /// the same state, so that a session that has not changed freezes to the same bytes.
    pub state: Box<str>,
}

/// What becomes of a target when the session that refers to it is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// It is saved by this name.
    Sturdy(SturdyRef),
    /// It cannot be saved and is needed: the session cannot be frozen.
    Pin,
    /// It is saved as a capability whose every use rejects with this error.
    Break(RpcError),
}
