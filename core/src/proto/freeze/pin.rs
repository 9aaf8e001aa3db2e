use std::fmt;

use crate::RpcError;
use crate::proto::ids::{AnswerId, PullId, TargetId};

/// Something that cannot be saved, and so keeps a session in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pin {
    /// A target without a name that the peer, a value or durable state refers to.
    Target(TargetId),
    /// A call that runs, or a promise of the caller's, not settled yet.
    Call(AnswerId),
    /// So many operations wait for promises.
    Waiting(usize),
    /// A pull of the caller's that has no result yet.
    Pull(PullId),
    /// A stream that is open: what is on its way in it is lost with the memory.
    Stream,
    /// A value or error that would not be let in again, and why: one that the application wrote
    /// as text and that is no expression of the protocol, that nests more than 1,024 containers
    /// deep, or that the limits do not allow.
    Value(RpcError),
    /// The caller holds references to so many objects of the peer's in memory only.
    Held(usize),
    /// The session has ended, or will receive no more messages.
    Closed,
}

/// A session cannot be frozen; these are the reasons, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned(pub Vec<Pin>);

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pin::Target(target) => write!(f, "target {} has no name", target.0),
            Pin::Call(_) => f.write_str("a call runs"),
            Pin::Waiting(count) => write!(f, "{count} operations wait for promises"),
            Pin::Pull(_) => f.write_str("a pull has no result yet"),
            Pin::Stream => f.write_str("a stream is open"),
            Pin::Value(why) => write!(f, "a value cannot be saved: {why}"),
            Pin::Held(count) => {
                write!(f, "{count} of the peer's objects are held in memory only")
            }
            Pin::Closed => f.write_str("the session has ended"),
        }
    }
}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the session cannot be frozen")?;
        for (index, pin) in self.0.iter().enumerate() {
            write!(f, "{}{pin}", if index == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Pinned {}
