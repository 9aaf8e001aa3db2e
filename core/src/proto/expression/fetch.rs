//! Requests, responses and blobs (protocol page, "request", "response", "blob").

use crate::json::{Elements, Kind, View};
use crate::web;

/// The body of a request: nothing of one that is malformed, no body if it needs no evaluation.
pub(super) fn request<'a>(mut rest: Elements<'a>) -> Option<Option<View<'a>>> {
    let (url, init) = (rest.next()?, rest.next()?);
    let is_two = rest.next().is_none() && init.kind() == Kind::Object;
    if !is_two || !super::form::is_url(url) {
        return None;
    }
    let (mut body, mut takes_body) = (None, false);
    for (key, value) in init.members() {
        match key.as_str().as_deref() {
            Some("method") => {
                let method = value.as_str().filter(|method| web::is_method(method))?;
                takes_body = web::takes_body(&method);
            }
            Some("body") if body.is_none() => body = Some(checked_body(value)?),
            Some(key) if !is_member(key, value) => return None,
            _ => {}
        }
    }
    let body = body.flatten();
    (takes_body || body.is_none()).then_some(evaluated(body))
}

/// The body of a response, in the same way.
pub(super) fn response<'a>(mut rest: Elements<'a>) -> Option<Option<View<'a>>> {
    let (body, init) = (checked_body(rest.next()?)?, rest.next()?);
    if rest.next().is_some() || init.kind() != Kind::Object {
        return None;
    }
    for (key, value) in init.members() {
        let fits = match key.as_str().as_deref() {
            Some("status") => {
                let status = value.as_integer().filter(|&status| web::is_status(status))?;
                body.is_none() || !web::is_null_body_status(status)
            }
            Some("statusText") => value.as_str().is_some_and(|text| web::is_status_text(&text)),
            Some(key) => is_member(key, value),
            None => true,
        };
        if !fits {
            return None;
        }
    }
    Some(evaluated(body))
}

/// The content of a blob, in the same way: always a stream.
pub(super) fn blob<'a>(mut rest: Elements<'a>) -> Option<Option<View<'a>>> {
    let (kind, content) = (rest.next()?, rest.next()?);
    let is_stream = content.kind() == Kind::Array
        && content.elements().next().is_none_or(|tag| tag.plain_str() == Some("readable"));
    let fits = kind.kind() == Kind::String && is_stream && rest.next().is_none();
    fits.then_some(Some(content))
}

#[inline(never)]
fn is_member(key: &str, value: View<'_>) -> bool {
    match key {
        "headers" => web::are_headers(value),
        // A second one.
        "body" => false,
        _ => web::is_plain_member(key, value),
    }
}

/// The body, if there is one; nothing if it cannot be one.
fn checked_body(body: View<'_>) -> Option<Option<View<'_>>> {
    let may_be_body = match body.kind() {
        Kind::Null => return Some(None),
        Kind::String => true,
        Kind::Array => is_stream_or_bytes(body),
        _ => false,
    };
    may_be_body.then_some(Some(body))
}

fn is_stream_or_bytes(body: View<'_>) -> bool {
    let mut parts = body.elements();
    match parts.next() {
        // The hole of a value that has been let in.
        None => true,
        Some(tag) => match tag.plain_str() {
            Some("readable") => true,
            Some("bytes") => {
                let container = parts.nth(1).map(|name| name.plain_str().unwrap_or_default());
                container.is_none_or(|name| name == "Uint8Array")
            }
            _ => false,
        },
    }
}

/// What of a body has to be evaluated.
fn evaluated(body: Option<View<'_>>) -> Option<View<'_>> {
    body.filter(|body| body.kind() == Kind::Array)
}
