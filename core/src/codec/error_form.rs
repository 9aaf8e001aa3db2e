use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeStruct, Serializer};

use super::text::has_capability;
use super::{MAX_LEVELS, Value, decode, names, text};
use crate::RpcError;
use crate::json::{Tape, View};
use crate::normal::push_compact;

impl Serialize for RpcError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::ERROR, &Parts(self))
    }
}

/// The parameters of the form, in order; those that are not needed at the end are left out.
struct Parts<'a>(&'a RpcError);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (stack, props) = (self.0.sent_stack(), self.0.props());
        let mut parts = serializer.serialize_struct("Error", 4)?;
        parts.serialize_field("name", self.0.kind())?;
        parts.serialize_field("message", self.0.message())?;
        if stack.is_some() || !props.is_empty() {
            parts.serialize_field("stack", &stack)?;
        }
        if !props.is_empty() {
            parts.serialize_field("props", &Props(props))?;
        }
        parts.end()
    }
}

struct Props<'a>(&'a str);

impl Serialize for Props<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::PROPS, &format!("{{{}}}", self.0))
    }
}

impl<'de> Deserialize<'de> for RpcError {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::ERROR, ErrorVisitor)
    }
}

struct ErrorVisitor;

impl<'de> Visitor<'de> for ErrorVisitor {
    type Value = RpcError;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<RpcError, A::Error> {
        let kind: String = parts.next_element()?.unwrap_or_default();
        let message: String = parts.next_element()?.unwrap_or_default();
        let stack = parts.next_element()?.unwrap_or_default();
        let props = parts.next_element()?.unwrap_or_default();
        Ok(RpcError::received(kind, message, stack, props))
    }

    /// Another format, or serde's buffer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<RpcError, D::Error> {
        inner.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RpcError, A::Error> {
        let (mut kind, mut message) = (String::from("Error"), String::new());
        let (mut stack, mut props) = (None, String::new());
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "name" => kind = members.next_value()?,
                "message" => message = members.next_value()?,
                "stack" => stack = members.next_value()?,
                "props" => props = members.next_value()?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let error = RpcError::received(kind, message, stack, String::new());
        Ok(with_props_of(error, &props))
    }
}

/// Adds the props of a text that did not come through a session, those that are valid.
fn with_props_of(mut error: RpcError, props: &str) -> RpcError {
    let mut tape = Tape::default();
    if tape.parse(props, MAX_LEVELS * 2).is_err() {
        return error;
    }
    for (key, value) in tape.view(props).members() {
        let is_valid = text::is_data(value) && decode::<Value>(value, &[]).is_ok();
        if let (Some(key), true) = (key.as_str(), is_valid) {
            error.push_prop(&key, value.raw());
        }
    }
    error
}

impl RpcError {
    /// The error of an expression that a peer rejected with, which the session has checked.
    ///
    /// JavaScript throws values of any kind. What is no error becomes one whose message is the
    /// string thrown, or else the expression; [`to_expression`](Self::to_expression) gives again
    /// what was thrown. Capabilities do not survive.
    pub fn from_view(view: View<'_>) -> RpcError {
        let mut parts = view.elements();
        let is_error = parts.next().and_then(View::plain_str) == Some("error");
        match (is_error, parts.next(), parts.next()) {
            (true, Some(kind), Some(message)) => {
                let stack = parts.next().and_then(View::as_str).map(Into::into);
                let props = parts.next().map(text::error_props).unwrap_or_default();
                RpcError::received(lenient(kind), lenient(message), stack, props)
            }
            _ => RpcError::thrown(lenient(view), thrown_text(view)),
        }
    }

    pub(crate) fn with_props<R>(&self, read: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let text = format!("{{{}}}", self.props());
        let mut tape = Tape::default();
        tape.parse(&text, MAX_LEVELS * 2).ok()?;
        Some(read(tape.view(&text)))
    }
}

fn lenient(view: View<'_>) -> String {
    match view.as_str() {
        Some(text) => text.into_owned(),
        None => {
            let mut text = String::new();
            push_compact(&mut text, view.raw());
            text
        }
    }
}

fn thrown_text(view: View<'_>) -> Option<String> {
    if has_capability(view) {
        return None;
    }
    let mut text = String::new();
    push_compact(&mut text, view.raw());
    Some(text)
}
