use std::collections::VecDeque;

use super::call::Call;
use super::ids::{AnswerId, Cap, PullId, TargetId, WatchId};
use crate::outbox::Outbox;
use crate::{Payload, RpcError};

/// What an input to a session asks its caller to do. The caller owns the turn and reuses it; each
/// input appends.
///
/// The contract: after an input, take [`calls`](Self::calls) until it is empty, run each, and
/// hand each result back with [`settle`](super::Session::settle), at once or later; then send
/// [`out`](Self::out) and clear it. Calls borrow from the message that caused them: turn those
/// that stay into owned ones ([`Call::detach`]) before the next message is received. The other
/// fields may be looked at whenever it suits.
#[derive(Debug, Default)]
pub struct Turn {
    /// Messages for the peer, in order.
    pub out: Outbox,
    /// Calls on the caller's targets, in order.
    pub calls: VecDeque<Call>,
    /// Results of [`pull`](super::Session::pull)s and [`read`](super::Session::read)s. The caller owns the capabilities within, all
    /// none of them a [`Cap::Promise`].
    pub results: VecDeque<(PullId, Result<Payload<Cap>, RpcError>)>,
    /// Capabilities of a [`watch`](super::Session::watch) that broke.
    pub broken: Vec<(WatchId, RpcError)>,
    /// Promises that were given as targets ([`promised`](super::Session::promised)) and whose
    /// resolution is wanted now: to be settled like calls.
    pub wanted: Vec<(AnswerId, TargetId)>,
    /// Capabilities of a [`watch`](super::Session::watch) that turned out to be targets of the
    /// caller's own, which it watches itself.
    pub watched: Vec<(WatchId, TargetId)>,
    /// Targets that nobody refers to any more.
    pub dropped: Vec<TargetId>,
    /// The session has ended, and why.
    pub closed: Option<RpcError>,
    /// The time of the input, in milliseconds of any monotonic clock: set by the caller before an
    /// input, if the session [has streams](super::Session::has_streams) or gets one by it.
    pub now_ms: f64,
}
