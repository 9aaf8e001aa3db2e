//! Copying expressions out of a message, capabilities replaced by holes.

use std::ops::Range;

use super::ids::Cap;
use crate::Payload;
use crate::json::View;
use crate::normal::Cuts;

/// What becomes of a capability: it is put into the copy, or it stood in a member that stays
/// behind.
#[derive(Debug)]
pub(super) enum Place<'p> {
    Hole(&'p mut Payload<Cap>),
    Dropped,
}

/// Copies an expression. `holes` are the capabilities with the bytes that they take in the text,
/// ascending.
pub(super) fn copy(
    view: View<'_>,
    cuts: &Cuts,
    holes: impl Iterator<Item = (Range<usize>, Cap)>,
    mut fill: impl FnMut(Place<'_>, Cap),
) -> Payload<Cap> {
    let mut out = Payload::empty();
    let mut from = view.start();
    out.written().reserve(view.end().saturating_sub(from));
    for (hole, cap) in holes {
        if cuts.contain(hole.start) {
            fill(Place::Dropped, cap);
            continue;
        }
        cuts.copy(out.written(), view.text(), from..hole.start);
        fill(Place::Hole(&mut out), cap);
        from = hole.end;
    }
    cuts.copy(out.written(), view.text(), from..view.end());
    out
}
