//! Copying evaluated expressions into payloads.

use super::Session;
use super::evaluate::Found;
use super::splice::levels;
use crate::Payload;
use crate::json::View;
use crate::proto::copy::{Place, copy};
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
        let cuts = found.cuts(view);
        let around = found.levels();
        copy(view, &cuts, found.into_holes(), |place, cap| match place {
            Place::Hole(out) => self.fill(out, cap, around, turn),
            Place::Dropped => self.release_cap(cap.id(), turn),
        })
    }

    /// Puts a capability into a copy; `around` is how many levels may be around it.
    fn fill(&mut self, out: &mut Payload<Cap>, cap: Cap, around: usize, turn: &mut Turn) {
        let Cap::Promise(promise) = cap else { return out.push_cap(cap) };
        let node = self.graph.find(promise);
        if self.graph.value(node).is_none() {
            return out.push_cap(cap);
        }
        let spliced = match self.spliced_value(node) {
            Ok(spliced) if self.fits(out, &spliced, around) => spliced,
            // Whoever the copy is for is told when it is delivered.
            _ => return out.push_cap(cap),
        };
        for cap in spliced.caps() {
            self.graph.retain(cap.id());
        }
        out.push_payload(&spliced, |cap| *cap);
        self.release_cap(promise, turn);
    }

    fn fits(&self, out: &Payload<Cap>, inner: &Payload<Cap>, around: usize) -> bool {
        let length = out.text().len().saturating_add(inner.text().len());
        length <= self.limits.max_message_bytes
            && around.saturating_add(levels(inner.text())) < self.limits.max_depth_levels
    }
}
