//! A session as bytes, to outlive the memory it is in: names of targets, reasons not to, and the
//! format.
//!
//! The session makes a [`Snapshot`] of itself and is made from one; here stands what is between
//! that and the bytes. A snapshot is canonical: it numbers nodes in the order in which the tables
//! lead to them, so that equal sessions have equal bytes whatever their history.
//!
//! The format, version 2. Numbers are LEB128 varints of up to 64 bits, `z` in zigzag form. `text`
//! is a number n and n bytes of UTF-8. `word` is a number `2n` and n bytes of UTF-8, or `2i+1` for
//! the i-th of the first 64 words of 2 to 128 bytes.
//!
//! ```text
//! version   byte 2
//! counters  last push of the peer, last export and last push of ours (absolute)
//! nodes     count, each: tag byte, and
//!             0 our main object, 1 the peer's main object
//!             2 target:  kind word, state text
//!             3 value:   text with `[]` for holes; for each hole 2 * node + is_promise
//!             4 failure: flags byte, kind and message words, [stack], [props], [thrown] texts
//!             5 stub, 6 promise of the peer: absolute id, references
//!             7 push of ours, 8 pulled push of ours: id
//! main      0 released by the peer, 1 held, 2 held and pulled
//! results   count, each: id - id before, 2 * node + is_pulled
//! exports   count, each: id before - id, flags + 8 * (references - 1), node
//! waiting   count, each: 2 * z id + is_streamed, of an export that waits for a promise of the peer,
//!           or that is a failure of which the peer must be told, in order; the answer to what is
//!           streamed releases it
//! held      count, each: number - number before, node
//! ```

mod error;
mod name;
mod pin;
mod read;
mod snapshot;
mod tag;
#[cfg(test)]
mod tests;
mod text;
mod verify;
mod write;

pub use error::ThawError;
pub use name::{Name, SturdyRef};
pub use pin::{Pin, Pinned};

pub(super) use read::read;
pub(super) use snapshot::{Entry, EntryKind, Link, MainExport, Node, PeerEntry, Snapshot, Waiting};
pub(super) use text::check_error;
pub(crate) use text::hole_offsets;
pub(super) use verify::verify;

use super::ids::CapId;
use super::session::Session;

/// What [`Session::thaw`] gives.
#[derive(Debug)]
pub struct Thawed {
    /// The session.
    pub session: Session,
    /// The capabilities that were held, by ascending number, in the order in which equal numbers
    /// were given. Each is a reference.
    pub held: Vec<(u32, CapId)>,
}

/// The highest number of an id or count of references: the integers that JavaScript has.
const MAX_NUMBER: u64 = 1 << 53;
