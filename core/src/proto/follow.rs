use super::ids::Cap;
use crate::json::{Elements, Kind, Tape, View};
use crate::normal::is_forbidden_key;
use crate::{Payload, RpcError, refusal};

/// Where a property path leads inside a value.
#[derive(Debug)]
pub(super) enum Followed<'p> {
    /// Into a capability; the path goes on there.
    Cap { number: usize, rest: Elements<'p> },
    /// To the value at these bytes of the text.
    Value { start: usize, end: usize },
    /// To nothing.
    Undefined,
    /// Into a property of undefined.
    Error(RpcError),
}

/// Follows a path by the rules of npm `capnweb` 0.12.0: own properties of objects, integer
/// indexes of arrays, nothing of `Object.prototype`; other values have no properties.
pub(super) fn follow<'p>(
    payload: &Payload<Cap>,
    mut parts: Elements<'p>,
    tape: &mut Tape,
) -> Followed<'p> {
    if payload.as_cap().is_some() {
        return Followed::Cap { number: 0, rest: parts };
    }
    if parts.clone().next().is_none() {
        return Followed::Value { start: 0, end: payload.text().len() };
    }
    if tape.parse(payload.text(), usize::MAX).is_err() {
        return Followed::Undefined;
    }
    let mut value = Some(tape.view(payload.text()));
    loop {
        if let Some(number) = value.and_then(|value| hole(payload, value)) {
            return Followed::Cap { number, rest: parts };
        }
        let Some(part) = parts.next() else { break };
        value = match value {
            None => return Followed::Error(property_of_undefined(part)),
            Some(value) if is_undefined(value) => {
                return Followed::Error(property_of_undefined(part));
            }
            Some(value) => property(value, part),
        };
    }
    value.map_or(Followed::Undefined, |value| Followed::Value {
        start: value.start(),
        end: value.end(),
    })
}

/// As [`follow`], inside a value without capabilities, to a value that is there.
pub(super) fn follow_plainly<'v>(value: View<'v>, mut parts: Elements<'_>) -> Option<View<'v>> {
    parts.try_fold(value, |value, part| property(value, part))
}

/// The name that a part of a path spells.
pub(super) fn part_name(part: View<'_>) -> std::borrow::Cow<'_, str> {
    match part.kind() {
        Kind::String => part.as_str().unwrap_or_default(),
        _ => part.raw().into(),
    }
}

/// The error of reading a property of undefined.
#[cold]
pub(super) fn property_of_undefined(part: View<'_>) -> RpcError {
    let name = refusal::quoted(&part_name(part));
    refusal::type_error("Cannot read properties of undefined (reading '", &name, "')")
}

/// The error of calling what is no function.
#[cold]
pub(super) fn not_a_function(parts: Elements<'_>) -> RpcError {
    let mut names = String::new();
    for (index, part) in parts.enumerate() {
        if index > 0 {
            names.push('.');
        }
        names.push_str(&part_name(part));
    }
    refusal::type_error("'", &refusal::quoted(&names), "' is not a function.")
}

fn property<'v>(value: View<'v>, part: View<'_>) -> Option<View<'v>> {
    let name = part_name(part);
    if is_forbidden_key(&name) {
        return None;
    }
    match value.kind() {
        Kind::Object => {
            let is_wanted = |key: View<'_>| key.as_str().is_some_and(|key| key == name);
            // As in JavaScript, the last of equal keys counts.
            value.members().filter(|(key, _)| is_wanted(*key)).last().map(|(_, value)| value)
        }
        Kind::Array => {
            let index = part.as_integer().and_then(|index| usize::try_from(index).ok())?;
            value.escaped_array()?.elements().nth(index)
        }
        _ => None,
    }
}

/// Whether a value is `undefined`.
pub(super) fn is_undefined(value: View<'_>) -> bool {
    value.kind() == Kind::Array && value.raw() == r#"["undefined"]"#
}

fn hole(payload: &Payload<Cap>, value: View<'_>) -> Option<usize> {
    if value.kind() != Kind::Array || !payload.has_caps() {
        return None;
    }
    payload.hole_at(value.start())
}
