//! Copying evaluated expressions into payloads.

use super::Session;
use super::find::Found;
use crate::Payload;
use crate::json::View;
use crate::levels::levels;
use crate::proto::copy::{Place, copy};
use crate::proto::ids::{Cap, CapId};
use crate::proto::turn::Turn;

/// What is around a capability that is put into a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Where the copy starts in the text.
    pub(super) start: usize,
    /// How many levels may be around.
    pub(super) levels: usize,
}

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
        let around = Around { start: 0, levels: found.levels() };
        copy(view, &cuts, found.into_holes(), |place, cap| match place {
            Place::Hole(out) => self.fill(out, cap, around, turn),
            Place::Dropped => self.release_cap(cap.id(), turn),
        })
    }

    /// Puts a capability into a copy.
    pub(super) fn fill(
        &mut self,
        out: &mut Payload<Cap>,
        cap: Cap,
        around: Around,
        turn: &mut Turn,
    ) {
        let Cap::Promise(promise) = cap else { return out.push_cap(cap) };
        let node = self.graph.find(promise);
        if self.graph.value(node).is_none() {
            return out.push_cap(cap);
        }
        if self.fill_plainly(out, node, around) {
            return self.release_cap(promise, turn);
        }
        let spliced = match self.spliced_value(node) {
            Ok(spliced) if self.fits(out, spliced.text(), around) => spliced,
            // Whoever the copy is for is told when it is delivered.
            _ => return out.push_cap(cap),
        };
        self.retain_caps(&spliced);
        out.push_payload(&spliced, |cap| *cap);
        self.release_cap(promise, turn);
    }

    /// Puts a value without capabilities into a copy, if it may be.
    fn fill_plainly(&mut self, out: &mut Payload<Cap>, node: CapId, around: Around) -> bool {
        let Some(text) = self.graph.plain_text(node) else { return false };
        let length = text.len();
        if length > self.room_to_copy() || !self.fits(out, text, around) {
            return false;
        }
        out.written().push_str(text);
        self.copied_bytes = self.copied_bytes.saturating_add(length);
        true
    }

    /// Whether a value can be put into a copy.
    pub(super) fn fits(&self, out: &Payload<Cap>, inner: &str, around: Around) -> bool {
        let length = (out.text().len() - around.start).saturating_add(inner.len());
        length <= self.limits.max_message_bytes
            && around.levels.saturating_add(levels(inner)) < self.limits.max_depth_levels
    }
}
