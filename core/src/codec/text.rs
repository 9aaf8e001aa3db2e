//! Wire text as text: what is decided about expressions without decoding them.

use crate::json::{Kind, View, write_str};
use crate::normal::{fetch_body, is_forbidden_key, is_own_slot, push_compact};

/// Whether an expression holds a capability or promise, or what looks like one.
pub(super) fn has_capability(view: View<'_>) -> bool {
    let mut at = view.index();
    while at < view.next_index() {
        let value = view.at(at);
        at += 1;
        if value.kind() != Kind::Array {
            continue;
        }
        if value.escaped_array().is_some() {
            at += 1;
        } else if is_capability(value) || fetch_body(value).is_some_and(is_capability) {
            return true;
        } else if is_web_form(value) {
            at = value.next_index();
        }
    }
    false
}

/// Whether every array of an expression without capabilities is one of the protocol's forms. Their
/// parameters are not checked.
pub(super) fn is_data(view: View<'_>) -> bool {
    let mut at = view.index();
    while at < view.next_index() {
        let value = view.at(at);
        at += 1;
        if value.kind() != Kind::Array {
            continue;
        }
        let tag = value.elements().next().and_then(View::plain_str);
        match tag {
            _ if value.escaped_array().is_some() => at += 1,
            Some("undefined" | "inf" | "-inf" | "nan" | "bigint" | "date" | "bytes" | "url") => {
                at = value.next_index();
            }
            Some("headers" | "request" | "response") if !has_capability(value) => {
                at = value.next_index();
            }
            Some("error") => {}
            _ => return false,
        }
    }
    true
}

/// Whether all that is no body is plain JSON.
fn is_web_form(array: View<'_>) -> bool {
    let tag = array.elements().next().and_then(View::plain_str);
    matches!(tag, Some("headers" | "request" | "response"))
}

fn is_capability(array: View<'_>) -> bool {
    let mut elements = array.elements();
    match elements.next().and_then(View::plain_str) {
        Some("export" | "promise" | "import" | "pipeline" | "remap" | "writable" | "readable") => {
            elements.next().is_some_and(|id| id.kind() == Kind::Number)
        }
        // The hole of a payload.
        None => array.next_index() == array.index() + 1,
        Some(_) => false,
    }
}

/// The members of an error's props that are kept, as wire text: `"key":expression`, separated by
/// commas.
pub(crate) fn error_props(props: View<'_>) -> String {
    let mut text = String::new();
    for (key, value) in props.members() {
        let Some(key) = key.as_str() else { continue };
        if is_error_prop(&key) && !has_capability(value) {
            push_member(&mut text, &key, value.raw());
        }
    }
    text
}

/// The members of an object but one.
pub(crate) fn members_without(object: View<'_>, name: &str) -> String {
    let mut text = String::new();
    for (key, value) in object.members() {
        if let Some(key) = key.as_str().filter(|key| key != name) {
            push_member(&mut text, &key, value.raw());
        }
    }
    text
}

/// Whether receivers take a property of an error of this name.
pub(crate) fn is_error_prop(key: &str) -> bool {
    !is_forbidden_key(key) && !is_own_slot(key)
}

/// Appends `"key":expression` to the members of an object.
pub(crate) fn push_member(members: &mut String, key: &str, expression: &str) {
    if !members.is_empty() {
        members.push(',');
    }
    write_str(members, key);
    members.push(':');
    push_compact(members, expression);
}
