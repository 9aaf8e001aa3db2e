//! Pipes: writing, reading, and what becomes of one end when the other goes.

use super::Session;
use super::dispatch::{Route, Wanted};
use super::exports::Kind;
use crate::json::Tape;
use crate::proto::abort::Abort;
use crate::proto::follow::{is_undefined, part_name};
use crate::proto::graph::{State, Waiters};
use crate::proto::ids::{Cap, CapId, ExportId, PullId, WatchId};
use crate::proto::pipe::{CHUNK_BYTES, Chunk, End, Next, Pipe, Reader};
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

    /// Asks for the next chunk of a readable end. It comes as one of the turn's results, perhaps
    /// at once: a payload that is a plain list whose first element is the chunk, or the
    /// [empty](Payload::empty) payload at the end of the stream.
    pub fn read(&mut self, on: CapId, pull: PullId, turn: &mut Turn) {
        self.read_for(on, pull, Reader::Caller(pull), turn);
    }

    /// As [`read`](Self::read), for who can refuse a chunk that was read: the `write` resolves when the
    /// next chunk is asked for, and rejects if the readable end is given up instead.
    pub fn consume(&mut self, on: CapId, pull: PullId, turn: &mut Turn) {
        self.read_for(on, pull, Reader::Consumer(pull), turn);
    }

    fn read_for(&mut self, on: CapId, pull: PullId, reader: Reader, turn: &mut Turn) {
        let node = self.graph.find(on);
        let error = match self.graph.state(node) {
            &State::Readable(key) => match self.pipes.get_mut(key) {
                Some(pipe) if pipe.reader == Reader::Nobody => {
                    pipe.reader = reader;
                    self.is_consumed(key, Ok(()));
                    self.advance_pipe(key, turn);
                    return self.run_woken(turn);
                }
                _ => is_locked(),
            },
            State::Failed(error) => error.clone(),
            _ => RpcError::type_error("not a readable stream"),
        };
        turn.results.push_back((pull, Err(error)));
    }

    /// Gives a readable end up for a reason: those who write get it. Takes over the reference.
    pub fn cancel(&mut self, on: CapId, why: RpcError, turn: &mut Turn) {
        let node = self.graph.find(on);
        if let &State::Readable(key) = self.graph.state(node) {
            self.cancel_pipe(key, why, turn);
        }
        self.release(on, turn);
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

    /// An operation on an end of a pipe.
    pub(super) fn on_pipe(
        &mut self,
        node: CapId,
        mut route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let method = route.parts.next().map(|part| String::from(part_name(part)));
        let is_last = route.parts.next().is_none();
        let Some(arguments) = self.kept_arguments(wanted, turn) else {
            return self.broken(RpcError::error("a stream has no properties"));
        };
        match (self.graph.state(node), method.as_deref()) {
            (&State::Writable(key), Some("write")) if is_last => self.write(key, arguments, turn),
            (&State::Writable(key), Some("close")) if is_last => {
                self.release_caps(&arguments, turn);
                self.close_pipe(key, turn)
            }
            (&State::Writable(key), Some("abort")) if is_last => {
                let why = reason(&arguments);
                self.release_caps(&arguments, turn);
                self.abort_pipe(key, why, turn);
                self.graph.insert(State::Ready(Payload::default()))
            }
            _ => {
                self.release_caps(&arguments, turn);
                let name = refusal::quoted(method.as_deref().unwrap_or_default());
                self.broken(refusal::type_error("a stream has no method '", &name, "'"))
            }
        }
    }

    /// Writes a chunk; gives the promise of that.
    pub(super) fn write(&mut self, key: u64, arguments: Payload<Cap>, turn: &mut Turn) -> CapId {
        if let Err(error) = self.admit_chunk(key, &arguments, turn) {
            self.release_caps(&arguments, turn);
            return self.broken(error);
        }
        let (result, answer) = self.pending();
        let chunk = Chunk { arguments: listed(arguments), answer };
        self.unread_bytes = self.unread_bytes.saturating_add(chunk.bytes());
        if let Some(pipe) = self.pipes.get_mut(key) {
            pipe.queue.push_back(chunk);
        }
        self.advance_pipe(key, turn);
        result
    }

    /// Whether a chunk may be queued. One that is too much ends the stream: it shall not have a
    /// gap.
    fn admit_chunk(
        &mut self,
        key: u64,
        arguments: &Payload<Cap>,
        turn: &mut Turn,
    ) -> Result<(), RpcError> {
        self.check_writable(key)?;
        let bytes = arguments.text_bytes().saturating_add(CHUNK_BYTES);
        let limit = self.limits.max_unread_bytes;
        let admitted = match self.unread_bytes.saturating_add(bytes) > limit {
            true => Err(refusal::range_error("more than ", &limit, " bytes of streams are unread")),
            false => self.admit(0),
        };
        if let Err(error) = &admitted {
            self.fail_pipe(key, error, turn);
        }
        admitted
    }

    pub(super) fn check_writable(&self, key: u64) -> Result<(), RpcError> {
        match self.pipes.get(key).map(|pipe| &pipe.end) {
            Some(End::Open) => Ok(()),
            Some(End::Failed(error)) => Err(error.clone()),
            _ => Err(RpcError::type_error("the stream is closed")),
        }
    }

    fn close_pipe(&mut self, key: u64, turn: &mut Turn) -> CapId {
        if let Err(error) = self.check_writable(key).and_then(|()| self.admit(0)) {
            return self.broken(error);
        }
        let (result, answer) = self.pending();
        if let Some(pipe) = self.pipes.get_mut(key) {
            pipe.end = End::Closing(answer);
        }
        self.advance_pipe(key, turn);
        result
    }

    fn abort_pipe(&mut self, key: u64, why: RpcError, turn: &mut Turn) {
        // As for `WritableStream`, a stream that is being closed can still be aborted.
        self.fail_pipe(key, &why, turn);
    }

    /// A promise that a pipe settles, counted as a call, and the pipe's reference to it.
    fn pending(&mut self) -> (CapId, CapId) {
        let result = self.graph.insert(State::Pending(Waiters::default()));
        (result, self.graph.retain(result))
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

    /// Hands on what is there to who reads.
    pub(super) fn advance_pipe(&mut self, key: u64, turn: &mut Turn) {
        loop {
            let Some(pipe) = self.pipes.get_mut(key) else { return };
            match pipe.reader {
                Reader::Nobody => return,
                Reader::Caller(pull) | Reader::Consumer(pull) => {
                    return self.hand_over(key, pull, turn);
                }
                Reader::Pump(pump) => {
                    if !self.has_room(pump) {
                        return;
                    }
                    let Some(next) = self.next_of(key) else { return };
                    self.pump_next(pump, next, turn);
                }
            }
        }
    }

    fn next_of(&mut self, key: u64) -> Option<Next> {
        let next = self.pipes.get_mut(key)?.next()?;
        if let Next::Chunk(chunk) = &next {
            self.unread_bytes = self.unread_bytes.saturating_sub(chunk.bytes());
        }
        Some(next)
    }

    /// Gives the caller what it waits for.
    fn hand_over(&mut self, key: u64, pull: PullId, turn: &mut Turn) {
        let failure = match self.pipes.get(key).map(|pipe| &pipe.end) {
            Some(End::Failed(error)) => Some(error.clone()),
            _ => None,
        };
        let next = self.next_of(key);
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        let is_over = matches!(pipe.end, End::Closed(_));
        if next.is_none() && failure.is_none() && !is_over {
            return;
        }
        let reader = std::mem::replace(&mut pipe.reader, Reader::Nobody);
        match (next, failure) {
            (Some(Next::Chunk(chunk)), _) => {
                match reader {
                    Reader::Consumer(_) => pipe.consumed = Some(chunk.answer),
                    _ => self.answer(chunk.answer, Ok(())),
                }
                self.deliver_result(chunk.arguments, pull, turn);
            }
            (Some(Next::Closed(answer)), _) => {
                pipe.end = End::Closed(Some(answer));
                turn.results.push_back((pull, Ok(Payload::empty())));
            }
            (None, Some(error)) => turn.results.push_back((pull, Err(error))),
            (None, None) => turn.results.push_back((pull, Ok(Payload::empty()))),
        }
    }

    /// Answers the write whose chunk a consumer was given, if there is one.
    fn is_consumed(&mut self, key: u64, result: Result<(), RpcError>) {
        if let Some(answer) = self.pipes.get_mut(key).and_then(|pipe| pipe.consumed.take()) {
            self.answer(answer, result);
        }
    }

    /// The reader gives up: those who write get the reason.
    pub(super) fn cancel_pipe(&mut self, key: u64, why: RpcError, turn: &mut Turn) {
        self.is_consumed(key, Err(why.clone()));
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        if let End::Closed(answer) = &mut pipe.end
            && let Some(answer) = answer.take()
        {
            return self.answer(answer, Err(why));
        }
        self.fail_pipe(key, &why, turn);
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

const EMPTY_LIST: &str = "[]";

/// A list of one element for a `write` without arguments.
fn listed(arguments: Payload<Cap>) -> Payload<Cap> {
    match arguments.text_bytes() == EMPTY_LIST.len() && arguments.text() == EMPTY_LIST {
        true => Payload::from_text(String::from(r#"[["undefined"]]"#)),
        false => arguments,
    }
}

/// The first argument of `abort`, as an error.
fn reason(arguments: &Payload<Cap>) -> RpcError {
    let mut tape = Tape::default();
    let first = match tape.parse(arguments.text(), usize::MAX) {
        Ok(()) => tape.view(arguments.text()).elements().next(),
        Err(_) => None,
    };
    match first {
        Some(view) if !arguments.has_caps() && !is_undefined(view) => RpcError::from_view(view),
        _ => RpcError::error("the stream was aborted"),
    }
}

#[cold]
pub(super) fn is_locked() -> RpcError {
    RpcError::type_error("the stream is being read already")
}
