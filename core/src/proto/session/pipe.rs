//! Pipes, and what becomes of one end when the other goes.

use super::Session;
use super::exports::Kind;
use crate::proto::abort::Abort;
use crate::proto::graph::State;
use crate::proto::ids::{Cap, CapId, ExportId, WatchId};
use crate::proto::pipe::{End, Pipe, Reader};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

impl Session {
    /// A new pipe: its writable end, and its readable end. Each is a reference.
    ///
    /// The methods `write`, `close` and `abort` of the writable end can be [called](Self::call), by
    /// the peer too. A `write` resolves when its chunk is read, `close` when the reader has read to
    /// the end and is [done](Self::release), and both reject when the reader goes before. Releasing
    /// the writable end without `close` fails the reader.
    pub fn pipe(&mut self) -> (CapId, CapId) {
        // The ends are made first; they name the pipe.
        let writable = self.graph.insert(State::Failed(RpcError::error("no pipe")));
        let readable = self.graph.insert(State::Failed(RpcError::error("no pipe")));
        let pipe = self.pipes.insert(Pipe::new(writable, readable));
        self.graph.replace(writable, State::Writable(pipe));
        self.graph.replace(readable, State::Readable(pipe));
        (writable, readable)
    }

    /// Whether there are streams, or chunks of some that the peer has not answered, for which the
    /// session wants to know [the time](Turn::now_ms).
    pub fn has_streams(&self) -> bool {
        self.pipes.len() > 0 || self.pumps.len() > 0
    }

    /// Whether one more [pipe](Self::pipe) may be open.
    ///
    /// # Errors
    ///
    /// If there are as many as [`Limits::max_open_pipes`](crate::Limits::max_open_pipes).
    pub fn room_for_pipe(&self) -> Result<(), RpcError> {
        match self.pipes.len() < self.limits.max_open_pipes {
            true => Ok(()),
            false => Err(self.too_many_pipes()),
        }
    }

    pub(super) fn too_many_pipes(&self) -> RpcError {
        refusal::range_error("more than ", &self.limits.max_open_pipes, " open pipes")
    }

    /// The peer makes a pipe.
    pub(super) fn receive_pipe(&mut self) -> Result<(), Abort> {
        self.room_for_pipe()?;
        let (writable, readable) = self.pipe();
        if let &State::Readable(key) = self.graph.state(readable)
            && let Some(pipe) = self.pipes.get_mut(key)
        {
            pipe.is_unclaimed = true;
        }
        self.add_result(writable, Kind::Pipe)
    }

    /// The peer uses the readable end of a pipe that it has made: once. Of what has failed, the
    /// readable end fails too: the pipe may have been lost with the memory before it was used.
    pub(super) fn claim_readable(&mut self, id: i64) -> Result<Cap, RpcError> {
        if let Some(export) = self.exports.get(&ExportId(id)) {
            match (export.kind, self.graph.state(self.graph.peek(export.node))) {
                (Kind::Pipe, &State::Writable(key)) => {
                    if let Some(pipe) = self.pipes.get_mut(key)
                        && let Some(readable) = pipe.readable.filter(|_| pipe.is_unclaimed)
                    {
                        pipe.is_unclaimed = false;
                        return Ok(Cap::Readable(readable));
                    }
                }
                (Kind::Pipe | Kind::Result, State::Failed(error)) => {
                    let error = error.clone();
                    return Ok(Cap::Readable(self.broken(error)));
                }
                _ => {}
            }
        }
        Err(refusal::error("export ", &id, " is no pipe, or its readable end was used before"))
    }

    /// Settles a promise of a pipe.
    pub(super) fn answer(&mut self, answer: CapId, result: Result<(), RpcError>) {
        self.calls_in_flight = self.calls_in_flight.saturating_sub(1);
        let state = match result {
            Ok(()) => State::Ready(Payload::default()),
            Err(error) => State::Failed(error),
        };
        self.settle_node(answer, state);
        self.leftovers.push(answer);
    }

    /// Tells when a writable end breaks.
    pub(super) fn watch_pipe(&mut self, key: u64, watch: WatchId, turn: &mut Turn) {
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        match &pipe.end {
            End::Failed(error) => turn.broken.push((watch, error.clone())),
            _ => pipe.watches.push(watch),
        }
    }

    /// Ends a pipe with an error, for both sides. What is unread is lost.
    pub(super) fn fail_pipe(&mut self, key: u64, why: &RpcError, turn: &mut Turn) {
        let why = &self.fit_error(why.clone());
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        if matches!(pipe.end, End::Closed(_) | End::Failed(_)) {
            return;
        }
        let end = std::mem::replace(&mut pipe.end, End::Failed(why.clone()));
        self.queued_bytes = self.queued_bytes.saturating_add(why.text_bytes());
        let queue = std::mem::take(&mut pipe.queue);
        let reader = std::mem::replace(&mut pipe.reader, Reader::Nobody);
        let watches = std::mem::take(&mut pipe.watches);
        for chunk in queue {
            self.unread_bytes = self.unread_bytes.saturating_sub(chunk.bytes());
            self.answer(chunk.answer, Err(why.clone()));
            self.release_later(&chunk.arguments);
        }
        if let End::Closing(answer) = end {
            self.answer(answer, Err(why.clone()));
        }
        turn.broken.extend(watches.into_iter().map(|watch| (watch, why.clone())));
        match reader {
            Reader::Nobody => {}
            Reader::Caller(pull) | Reader::Consumer(pull) => {
                turn.results.push_back((pull, Err(why.clone())))
            }
            Reader::Pump(pump) => self.abort_pump(pump, why, turn),
        }
    }

    /// Nobody can write any more.
    pub(super) fn writable_is_gone(&mut self, key: u64, turn: &mut Turn) {
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        pipe.writable = None;
        if let Some(readable) = pipe.readable.filter(|_| pipe.is_unclaimed) {
            pipe.is_unclaimed = false;
            self.leftovers.push(readable);
        }
        if matches!(pipe.end, End::Open) {
            let released =
                || RpcError::error("a writable stream was released before it was closed");
            let why = self.closed.clone().unwrap_or_else(released);
            self.fail_pipe(key, &why, turn);
        }
        self.remove_if_gone(key);
    }

    /// Nobody can read any more.
    pub(super) fn readable_is_gone(&mut self, key: u64, turn: &mut Turn) {
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        pipe.readable = None;
        if let End::Closed(answer) = &mut pipe.end {
            if let Some(answer) = answer.take() {
                self.answer(answer, Ok(()));
            }
        } else {
            let why = RpcError::error("the reader of the stream has given it up");
            self.is_consumed(key, Err(why.clone()));
            self.fail_pipe(key, &why, turn);
        }
        self.remove_if_gone(key);
    }

    fn remove_if_gone(&mut self, key: u64) {
        if self.pipes.get(key).is_some_and(Pipe::is_gone)
            && let Some(Pipe { end: End::Failed(why), .. }) = self.pipes.remove(key)
        {
            self.queued_bytes = self.queued_bytes.saturating_sub(why.text_bytes());
        }
    }
}
