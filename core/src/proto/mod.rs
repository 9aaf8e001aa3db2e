//! The protocol as a sans-IO state machine over plain data.

mod abort;
mod bytes_chunk;
mod call;
mod copy;
pub(crate) mod expression;
mod flow;
mod follow;
mod freeze;
mod graph;
mod ids;
mod limits;
mod message;
mod path;
mod pipe;
mod session;
pub(crate) mod table;
mod turn;

/// A session keeps memory that only its inputs use for so many items.
const MAX_SCRATCH: usize = 256;

pub use abort::Abort;
pub use bytes_chunk::BytesChunk;
pub use call::Call;
#[cfg(feature = "peer")]
pub(crate) use freeze::hole_offsets;
pub use freeze::{Name, Pin, Pinned, SturdyRef, ThawError, Thawed};
#[cfg(feature = "peer")]
pub(crate) use ids::Referent;
pub use ids::{AnswerId, Cap, CapId, PullId, TargetId, WatchId};
pub use limits::Limits;
pub use message::Message;
pub use path::Path;
pub use session::{Session, Stats};
pub use table::set_table_secret;
pub use turn::Turn;

pub use crate::outbox::{Frame, Outbox};
