//! What the limits leave.

use super::Session;
use crate::proto::graph::State;
use crate::proto::ids::{Cap, CapId};
use crate::proto::limits::Limits;
use crate::proto::pipe::End;
use crate::proto::table::Table;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

/// How deep calls in arguments of calls may be nested: they are evaluated by recursion. No client
/// is known to nest any; they push one after the other.
const MAX_NESTING: usize = 32;

/// What a stream counts as among the bytes that are copied for a message, without the reason for which
/// it fails: a pipe and its pump, and the messages that make the one at the peer and end it.
const STREAM_BYTES: usize = 256;

/// Whether there is room for an answer behind those that the input has already.
pub(super) fn fits(limits: &Limits, turn: &Turn, bytes: usize) -> bool {
    turn.out.text_bytes().saturating_add(bytes) <= limits.max_queued_bytes
}

impl Session {
    /// Evaluates something nested in something else.
    pub(super) fn nested<T>(
        &mut self,
        levels: usize,
        evaluate: impl FnOnce(&mut Session) -> Result<T, RpcError>,
    ) -> Result<T, RpcError> {
        if self.nesting.saturating_add(levels) > MAX_NESTING {
            return Err(RpcError::range_error("calls or maps are nested too deep"));
        }
        self.nesting += levels;
        let evaluated = evaluate(self);
        self.nesting -= levels;
        evaluated
    }

    /// Counts one more operation in flight, with what it keeps waiting.
    pub(super) fn admit(&mut self, bytes: usize) -> Result<(), RpcError> {
        let limit = self.limits.max_calls_in_flight;
        if self.calls_in_flight >= limit {
            return Err(refusal::range_error("more than ", &limit, " calls in flight"));
        }
        self.room_to_wait(bytes)?;
        self.calls_in_flight += 1;
        Ok(())
    }

    /// Refuses what would exceed the bytes that the session may hold.
    pub(super) fn room_to_wait(&self, bytes: usize) -> Result<(), RpcError> {
        let held = self.queued_bytes.saturating_add(self.graph.settled_bytes());
        let limit = self.limits.max_queued_bytes;
        if held.saturating_add(bytes) > limit {
            return Err(refusal::range_error(
                "the session would hold more than ",
                &limit,
                " bytes",
            ));
        }
        Ok(())
    }

    /// Refuses a result behind those that the input is answered with already, if it were too much: what a peer asks
    /// for takes it a few bytes, however often that is.
    pub(super) fn room_to_send(&self, bytes: usize, turn: &Turn) -> Result<(), RpcError> {
        if fits(&self.limits, turn, bytes) {
            return Ok(());
        }
        let limit = self.limits.max_queued_bytes;
        Err(refusal::range_error("the answers would be more than ", &limit, " bytes"))
    }

    /// The error that a promise or a stream fails with. One that would exceed the bytes which the session may
    /// hold gives way to the refusal of it, unless that is longer: something has to be held.
    pub(super) fn fit_error(&self, error: RpcError) -> RpcError {
        let bytes = error.text_bytes();
        match self.room_to_wait(bytes) {
            Err(refusal) if refusal.text_bytes() < bytes => refusal,
            _ => error,
        }
    }

    /// Counts bytes that are read or copied for the message at hand.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), RpcError> {
        self.copied_bytes = self.copied_bytes.saturating_add(bytes);
        let limit = self.limits.max_copied_bytes_per_message;
        if self.copied_bytes > limit {
            return Err(refusal::range_error("a message copies more than ", &limit, " bytes"));
        }
        Ok(())
    }

    /// An error as an expression, counted as what is copied. One that would be too much gives way to
    /// the refusal of it, unless that is longer: something has to be said.
    pub(super) fn copy_error(&mut self, error: &RpcError) -> String {
        match self.charged_expression(error) {
            Err(refusal) if refusal.text_bytes() < error.text_bytes() => refusal.to_expression(),
            Err(_) => error.to_expression(),
            Ok(expression) => expression,
        }
    }

    fn charged_expression(&mut self, error: &RpcError) -> Result<String, RpcError> {
        let bytes = error.text_bytes();
        self.charge(bytes)?;
        let expression = error.to_expression();
        // What escapes add is not known before.
        self.charge(expression.len().saturating_sub(bytes))?;
        Ok(expression)
    }

    /// How many bytes may still be copied for the message at hand.
    pub(super) fn room_to_copy(&self) -> usize {
        self.limits.max_copied_bytes_per_message.saturating_sub(self.copied_bytes)
    }

    /// Counts a step of a map, which reads an instruction of so many bytes.
    pub(super) fn charge_map_step(&mut self, bytes: usize) -> Result<(), RpcError> {
        let limit = self.limits.max_map_steps_per_message;
        if self.map_steps >= limit {
            return Err(refusal::range_error("a message runs more than ", &limit, " map steps"));
        }
        self.map_steps += 1;
        self.charge(bytes)
    }

    /// Refuses a payload that is about to be sent for the capabilities in it: nothing of it is written
    /// then, as each takes far more than its hole did. Too many exports end the session besides.
    pub(super) fn admit_caps(&mut self, payload: &Payload<Cap>) -> Result<(), RpcError> {
        if !payload.has_caps() {
            return Ok(());
        }
        self.room_for_exports(payload)?;
        self.admit_streams(payload)
    }

    fn room_for_exports(&mut self, payload: &Payload<Cap>) -> Result<(), RpcError> {
        let limit = self.limits.max_live_exports;
        let live = self.exports.len().saturating_sub(self.unreleased_results);
        let room = limit.saturating_sub(live);
        // Mostly there is room for all, and nobody needs to know which of them are new.
        if payload.caps().len() <= room || !self.has_more_new_exports(payload, room) {
            return Ok(());
        }
        // Later: the message at hand is not dealt with yet.
        self.is_overfull = true;
        Err(refusal::range_error("more than ", &limit, " exports"))
    }

    /// Whether a payload would take more entries of the export table than `room`.
    fn has_more_new_exports(&mut self, payload: &Payload<Cap>, room: usize) -> bool {
        let (mut own, mut shared) = (0, Table::default());
        for cap in payload.caps() {
            let node = match *cap {
                Cap::Readable(_) => continue,
                Cap::Stub(stub) => self.graph.find_stub(stub),
                Cap::Promise(cap) | Cap::Writable(cap) => self.graph.find(cap),
            };
            match (cap, self.graph.state(node)) {
                (Cap::Stub(_) | Cap::Promise(_), State::Import(_)) => {}
                (Cap::Stub(_), _) | (Cap::Promise(_), State::Target(_)) => {
                    if self.graph.export(node).is_none() {
                        shared.insert(node.0.into(), 0);
                    }
                }
                _ => own += 1,
            }
            if shared.len().saturating_add(own) > room {
                return true;
            }
        }
        false
    }

    /// Also counts those that fail at once, as a second use of a stream does, and those whose last
    /// message the peer has not answered.
    fn admit_streams(&mut self, payload: &Payload<Cap>) -> Result<(), RpcError> {
        let limit = self.limits.max_open_pipes;
        let readables = payload.caps().filter_map(|cap| match cap {
            Cap::Readable(readable) => Some(*readable),
            _ => None,
        });
        let mut failing = 0;
        for (before, readable) in readables.enumerate() {
            let sent = self.pumps.len().saturating_add(before);
            let why = self.failure_bytes(readable);
            // It takes a pipe of its own to tell the peer why.
            failing += usize::from(why > 0);
            if sent >= limit || self.pipes.len().saturating_add(failing) > limit {
                return Err(self.too_many_pipes());
            }
            self.charge(why.saturating_add(STREAM_BYTES))?;
        }
        Ok(())
    }

    /// How long the reason is that is sent in place of the chunks of a stream that has failed.
    fn failure_bytes(&self, readable: CapId) -> usize {
        let error = match self.graph.state(self.graph.peek(readable)) {
            State::Failed(error) => Some(error),
            &State::Readable(key) => match self.pipes.get(key).map(|pipe| &pipe.end) {
                Some(End::Failed(error)) => Some(error),
                _ => None,
            },
            _ => None,
        };
        error.map_or(0, |error| error.to_expression().len())
    }
}
