//! Values between payloads and the JavaScript that makes JavaScript values of them. In its text
//! `[n]` stands for the nth of a list of capabilities: `[]`, the hole of a payload, does not say
//! which it is once members of objects have been put into another order.

use std::borrow::Cow;

use js_sys::Array;
use topsail_core::json::Tape;
use topsail_core::{Outgoing, Payload, RawStub, RpcError};
use wasm_bindgen::JsValue;

use super::exposed::expose;
use super::holes::holes;
use super::js::{DECODER, ENCODER, NATIVE};
use super::rules::NativeRules;
use super::streams;
use super::stub::NativeStub;

/// How deep values of JavaScript are nested at most: `encode.js` sees to it, and arrays count twice.
const MAX_DEPTH_LEVELS: usize = 1024;

/// Where a value of JavaScript goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To code of this Worker.
    Here,
    /// To Workers RPC, whose streams are of bytes.
    Sent,
}

/// Arguments as text and capabilities. The runtime duplicates the native stubs among them.
pub(super) fn to_parts(
    value: &Outgoing,
    rules: NativeRules,
    way: Way,
) -> (Cow<'_, str>, Option<Array>) {
    parts(value, |cap| match NativeStub::of(cap) {
        Some(native) => native.object().clone(),
        None => wrap(cap, rules, way),
    })
}

fn parts(
    value: &Outgoing,
    mut to_object: impl FnMut(&RawStub) -> JsValue,
) -> (Cow<'_, str>, Option<Array>) {
    if !value.has_caps() {
        return (Cow::Borrowed(value.text()), None);
    }
    let caps = Array::new();
    let mut text = String::with_capacity(value.text().len() + 2 * value.caps().len());
    for (piece, cap) in value.pieces() {
        text.push_str(piece);
        if let Some(cap) = cap {
            text.push_str(&format!("[{}]", caps.length()));
            caps.push(&to_object(cap));
        }
    }
    (Cow::Owned(text), Some(caps))
}

fn wrap(cap: &RawStub, rules: NativeRules, way: Way) -> JsValue {
    streams::to_js(cap, rules, way).unwrap_or_else(|| expose(cap.clone(), rules))
}

/// A result as a value of JavaScript, to which its capabilities belong.
pub(super) fn to_js(value: &Outgoing, rules: NativeRules, way: Way) -> Result<JsValue, JsValue> {
    let (text, caps) = parts(value, |cap| match NativeStub::of(cap) {
        Some(native) => NATIVE.with(|js| js.dup(native.object())),
        None => wrap(cap, rules, way),
    });
    DECODER.with(|decoder| decoder.decode(&text, caps))
}

/// A value of text and capabilities, which it takes over.
pub(super) fn from_parts(
    text: String,
    caps: Option<&Array>,
    to_cap: impl Fn(JsValue) -> RawStub,
) -> Outgoing {
    with_caps(text, false, caps, &to_cap)
}

/// As [`from_parts`], of arguments: a plain list of values.
pub(super) fn list_from_parts(
    text: String,
    caps: Option<&Array>,
    to_cap: impl Fn(JsValue) -> RawStub,
) -> Outgoing {
    with_caps(text, true, caps, &to_cap)
}

fn with_caps(
    text: String,
    is_list: bool,
    caps: Option<&Array>,
    to_cap: &dyn Fn(JsValue) -> RawStub,
) -> Outgoing {
    let Some(caps) = caps.filter(|caps| caps.length() > 0) else {
        return Payload::from_text(text);
    };
    let mut tape = Tape::default();
    if tape.parse(&text, MAX_DEPTH_LEVELS).is_err() {
        return Payload::default();
    }
    let (mut value, mut from) = (Payload::empty(), 0);
    for (view, number) in holes(tape.view(&text), is_list) {
        value.text_mut().push_str(text.get(from..view.start()).unwrap_or_default());
        value.push_cap(to_cap(caps.get(number)));
        from = view.end();
    }
    value.text_mut().push_str(text.get(from..).unwrap_or_default());
    value
}

/// What was thrown.
pub(super) fn error(thrown: JsValue) -> RpcError {
    error_from_text(&ENCODER.with(|encoder| encoder.encode_error(&thrown)))
}

pub(super) fn error_from_text(text: &str) -> RpcError {
    let mut tape = Tape::default();
    match tape.parse(text, MAX_DEPTH_LEVELS) {
        Ok(()) => RpcError::from_view(tape.view(text)),
        Err(error) => RpcError::type_error(error.to_string()),
    }
}

pub(super) fn error_to_js(error: &RpcError) -> JsValue {
    let decode = |text: &str| DECODER.with(|decoder| decoder.decode(text, None));
    decode(&error.to_expression()).unwrap_or_else(|thrown| thrown)
}
