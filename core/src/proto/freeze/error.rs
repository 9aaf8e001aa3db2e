use std::fmt;

/// Bytes from which no session can be thawed. What they were is lost: the connection has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThawError {
    /// They are in a format of this version, which this build does not know.
    Version(u8),
    /// They are no frozen session, and what is wrong with them.
    Malformed(&'static str),
    /// The session exceeds this one of the [`Limits`](crate::proto::Limits).
    Limit(&'static str),
}

impl fmt::Display for ThawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ThawError::Version(version) => {
                write!(f, "a frozen session of the unknown version {version}")
            }
            ThawError::Malformed(what) => write!(f, "no frozen session: {what}"),
            ThawError::Limit(limit) => write!(f, "a frozen session exceeds `{limit}`"),
        }
    }
}

impl std::error::Error for ThawError {}
