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

<<<<<<< Updated upstream
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
    for (hole, cap) in holes {
        if cuts.contain(hole.start) {
            fill(Place::Dropped, cap);
            continue;
        }
        cuts.copy(out.text_mut(), view.text(), from..hole.start);
        fill(Place::Hole(&mut out), cap);
        from = hole.end;
=======
impl Source<'_> {
    /// Whether one of these places stands in a member that stays behind.
    pub(super) fn leaves_out<'r>(self, mut places: impl Iterator<Item = &'r Range<usize>>) -> bool {
        let removed = forbidden_members(self.view);
        let is_inside = |place: &Range<usize>| {
            removed.iter().any(|range| range.start <= place.start && place.end <= range.end)
        };
        !removed.is_empty() && places.any(is_inside)
    }

    /// Copies the expression. `holes` are the capabilities with the bytes that they take in the
    /// text, ascending.
    pub(super) fn copy(
        self,
        holes: impl Iterator<Item = (Range<usize>, Cap)>,
        mut fill: impl FnMut(Place<'_>, Cap),
    ) -> Payload<Cap> {
        let mut out = Payload::empty();
        let removed = if self.has_objects { forbidden_members(self.view) } else { Vec::new() };
        let mut removed = removed.into_iter().peekable();
        let mut from = self.view.start();
        for (hole, cap) in holes {
            while let Some(range) = removed.next_if(|range| range.start <= hole.start) {
                self.copy_text(&mut out, from..range.start);
                from = from.max(range.end);
            }
            if hole.start < from {
                fill(Place::Dropped, cap);
                continue;
            }
            self.copy_text(&mut out, from..hole.start);
            fill(Place::Hole(&mut out), cap);
            from = hole.end;
        }
        for range in removed {
            self.copy_text(&mut out, from..range.start);
            from = from.max(range.end);
        }
        self.copy_text(&mut out, from..self.view.end());
        out
    }

    fn copy_text(self, out: &mut Payload<Cap>, range: Range<usize>) {
        let text = self.view.text().get(range).unwrap_or_default();
        if self.is_spaced {
            push_compact(out.text_mut(), text);
        } else {
            out.text_mut().push_str(text);
        }
    }
}

/// The byte ranges of the members that must not be let in, with a comma each, ascending.
fn forbidden_members(root: View<'_>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for index in root.index()..root.next_index() {
        let object = root.at(index);
        if object.kind() == Kind::Object {
            forbidden_members_of(object, &mut ranges);
        }
    }
    // Those of an object come before those of the objects in it.
    ranges.sort_unstable_by_key(|range| range.start);
    ranges
}

fn forbidden_members_of(object: View<'_>, ranges: &mut Vec<Range<usize>>) {
    let mut kept = None;
    let mut members = object.members().peekable();
    while let Some((key, value)) = members.next() {
        if !key.as_str().is_some_and(|key| is_forbidden_key(&key)) {
            kept = Some(value.end());
            continue;
        }
        let range = match (kept, members.peek()) {
            (Some(kept), _) => kept..value.end(),
            (None, Some((next, _))) => key.start()..next.start(),
            (None, None) => key.start()..value.end(),
        };
        match ranges.last_mut() {
            Some(last) if last.start == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
}

/// Appends JSON text without the white space between its tokens.
fn push_compact(out: &mut String, text: &str) {
    let (mut is_string, mut is_escape) = (false, false);
    for character in text.chars() {
        if !is_string && matches!(character, ' ' | '\n' | '\r' | '\t') {
            continue;
        }
        match character {
            _ if is_escape => is_escape = false,
            '"' => is_string = !is_string,
            '\\' => is_escape = is_string,
            _ => {}
        }
        out.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::{forbidden_members, push_compact};
    use crate::json::Tape;

    #[test]
    fn white_space_goes_outside_strings_only() {
        let mut out = String::new();
        push_compact(&mut out, "{ \"a b\" :\t[ 1 , \"\\\" \\\\\" ]\n}");
        assert_eq!(out, "{\"a b\":[1,\"\\\" \\\\\"]}");
    }

    #[test]
    fn forbidden_members_go_with_a_comma() {
        let table = [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"toJSON":1}"#, r#"{}"#),
            (r#"{"toJSON":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":1,"toJSON":2}"#, r#"{"a":1}"#),
            (r#"{"a":1,"toJSON":2,"b":3}"#, r#"{"a":1,"b":3}"#),
            (r#"{"toJSON":1,"valueOf":2}"#, r#"{}"#),
            (r#"{"toJSON":1,"valueOf":2,"a":3}"#, r#"{"a":3}"#),
            (r#"{"a":1,"toJSON":2,"valueOf":3}"#, r#"{"a":1}"#),
            (r#"{"a":{"__proto__":{"x":1},"b":2},"c":3}"#, r#"{"a":{"b":2},"c":3}"#),
            (r#"{"\u0074oJSON":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":{"toJSON":1,"b":2},"toJSON":3}"#, r#"{"a":{"b":2}}"#),
            (r#"{"toJSON":{"toJSON":1,"b":2},"c":3}"#, r#"{"c":3}"#),
            (r#"{"a":1,"toJSON":{"b":2,"toJSON":1},"c":{"toJSON":3}}"#, r#"{"a":1,"c":{}}"#),
        ];
        for (text, expected) in table {
            let mut tape = Tape::default();
            tape.parse(text, 9).unwrap();
            let (mut out, mut from) = (String::new(), 0);
            for range in forbidden_members(tape.view(text)) {
                if range.start >= from {
                    out.push_str(&text[from..range.start]);
                }
                from = from.max(range.end);
            }
            out.push_str(&text[from..]);
            assert_eq!(out, expected, "{text}");
        }
>>>>>>> Stashed changes
    }
    cuts.copy(out.text_mut(), view.text(), from..view.end());
    out
}
