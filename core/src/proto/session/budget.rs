//! What the limits leave.

use super::Session;
use crate::{RpcError, refusal};

/// How deep calls in arguments of calls may be nested: they are evaluated by recursion. No client
/// is known to nest any; they push one after the other.
const MAX_NESTING: usize = 32;

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
        let held = self.queued_bytes.saturating_add(self.graph.ready_bytes());
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

    /// Counts bytes that are read or copied for the message at hand.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), RpcError> {
        self.copied_bytes = self.copied_bytes.saturating_add(bytes);
        let limit = self.limits.max_copied_bytes_per_message;
        if self.copied_bytes > limit {
            return Err(refusal::range_error("a message copies more than ", &limit, " bytes"));
        }
        Ok(())
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
}
