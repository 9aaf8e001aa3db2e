//! The rules of the Fetch standard for headers, requests and responses: what JavaScript's
//! constructors refuse must not be sent, because npm `capnweb` 0.12.0 ends the session over it.
//!
//! Where Node.js and workerd differ, what one of them takes is let in.

use crate::json::{Kind, View};

/// Whether a text is a token of HTTP, as the names of headers and methods are.
pub(crate) fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// The value of a header without the white space around it.
pub(crate) fn trimmed(value: &str) -> &str {
    value.trim_matches(['\t', '\n', '\r', ' '])
}

/// Whether a text can be the value of a header.
pub(crate) fn is_header_value(value: &str) -> bool {
    !trimmed(value).bytes().any(|byte| matches!(byte, 0 | b'\n' | b'\r'))
}

/// Whether a method can be that of a request.
pub(crate) fn is_method(method: &str) -> bool {
    let is_forbidden = |name: &&str| method.eq_ignore_ascii_case(name);
    is_token(method) && !["CONNECT", "TRACE", "TRACK"].iter().any(is_forbidden)
}

/// Whether a request of this method may have a body.
pub(crate) fn takes_body(method: &str) -> bool {
    !method.eq_ignore_ascii_case("GET") && !method.eq_ignore_ascii_case("HEAD")
}

/// Whether a status can be that of a response.
pub(crate) fn is_status(status: i64) -> bool {
    (200..600).contains(&status)
}

/// Whether a response of this status must not have a body.
pub(crate) fn is_null_body_status(status: i64) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// Whether a text can stand behind the status.
pub(crate) fn is_status_text(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t')
}

/// Whether a value is a list of a `Headers` object: `[[name, value], …]`, not escaped.
pub(crate) fn are_headers(pairs: View<'_>) -> bool {
    pairs.kind() == Kind::Array && pairs.elements().all(is_pair)
}

fn is_pair(pair: View<'_>) -> bool {
    let mut parts = pair.elements();
    let (Some(name), Some(value), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    name.as_str().is_some_and(|name| is_token(&name))
        && value.as_str().is_some_and(|value| is_header_value(&value))
}

/// What `RequestInit` takes where it is choosy.
const CHOICES: [(&str, &[&str]); 8] = [
    ("redirect", &["follow", "error", "manual"]),
    ("mode", &["cors", "no-cors", "same-origin", "navigate"]),
    ("credentials", &["omit", "same-origin", "include"]),
    ("cache", &["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"]),
    ("duplex", &["half"]),
    ("encodeResponseBody", &["automatic", "manual"]),
    ("encodeBody", &["automatic", "manual"]),
    (
        "referrerPolicy",
        &[
            "",
            "no-referrer",
            "no-referrer-when-downgrade",
            "same-origin",
            "origin",
            "strict-origin",
            "origin-when-cross-origin",
            "strict-origin-when-cross-origin",
            "unsafe-url",
        ],
    ),
];

/// Whether a member of a request's or response's `init` that has no rule of its own may be there.
pub(crate) fn is_plain_member(key: &str, value: View<'_>) -> bool {
    let choices = CHOICES.iter().find(|(name, _)| *name == key).map(|(_, choices)| choices);
    match (key, choices) {
        (_, Some(choices)) => value.plain_str().is_some_and(|value| choices.contains(&value)),
        // Neither crosses the wire.
        ("signal" | "webSocket", _) => value.kind() == Kind::Null,
        ("integrity" | "referrer", _) => value.kind() == Kind::String,
        ("keepalive", _) => matches!(value.kind(), Kind::True | Kind::False),
        ("cf", _) => value.kind() == Kind::Object,
        _ => true,
    }
}
