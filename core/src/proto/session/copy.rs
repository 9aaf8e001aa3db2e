//! Copying evaluated expressions into payloads.

use super::Session;
use super::deliver::splice_into;
use super::evaluate::Found;
use crate::Payload;
use crate::json::View;
use crate::proto::copy::{Place, Source};
use crate::proto::graph::State;
use crate::proto::ids::Cap;
use crate::proto::turn::Turn;

impl Session {
    /// Copies an evaluated expression. Takes over its references; promises that have a value are
    /// replaced by it at once, and members with forbidden keys are left out.
    pub(super) fn copy_found(
        &mut self,
        view: View<'_>,
        found: Found,
        turn: &mut Turn,
    ) -> Payload<Cap> {
        let source = Source { view, is_spaced: self.is_spaced, has_objects: found.has_objects() };
        source.copy(found.into_holes(), |place, cap| match place {
            Place::Hole(out) => self.fill(out, cap, turn),
            Place::Dropped => self.release_cap(cap.id(), turn),
        })
    }

    /// The text of a value, without the white space that its message may have between tokens.
    pub(super) fn compact(&self, view: View<'_>) -> String {
        let source = Source { view, is_spaced: self.is_spaced, has_objects: false };
        let mut copy = source.copy(std::iter::empty(), |_, _| {});
        std::mem::take(copy.text_mut())
    }

    fn fill(&mut self, out: &mut Payload<Cap>, cap: Cap, turn: &mut Turn) {
        let Cap::Promise(promise) = cap else { return out.push_cap(cap) };
        let node = self.graph.peek(promise);
        let State::Ready(value) = self.graph.state(node) else { return out.push_cap(cap) };
        let limit = self.limits.max_message_bytes.min(self.limits.max_queued_bytes);
        let room = limit.saturating_sub(out.text().len());
        let mut spliced = Payload::empty();
        if splice_into(&self.graph, &mut spliced, value, room, 0).is_err() {
            // Whoever the payload is for is told when it is delivered.
            return out.push_cap(cap);
        }
        for cap in spliced.caps() {
            self.graph.retain(cap.id());
        }
        out.push_payload(&spliced, |cap| *cap);
        self.release_cap(promise, turn);
    }
}
