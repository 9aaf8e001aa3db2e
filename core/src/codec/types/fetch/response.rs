use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeTuple};
use serde::{Serialize, Serializer, ser};

use super::Body;
use super::init::{Init, InitSeed, Members, Written, text};
use crate::codec::names;
use crate::codec::types::Value;
use crate::codec::types::headers::{Headers, Pairs};
use crate::{RpcError, web};

/// A `Response` of JavaScript's Fetch API, as plain data.
///
/// ```
/// use topsail_core::Response;
///
/// let mut response = Response::new("not here");
/// response.set_status(404)?;
/// response.headers_mut().append("x-test", "1")?;
/// let text = r#"["response","not here",{"status":404,"headers":[["x-test","1"]]}]"#;
/// assert_eq!(topsail_core::codec::encode(&response)?.text(), text);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    status: u16,
    status_text: String,
    headers: Headers,
    body: Body,
    init: Members,
}

impl Default for Response {
    /// 200 without a body.
    fn default() -> Self {
        Response {
            status: 200,
            status_text: String::new(),
            headers: Headers::new(),
            body: Body::Empty,
            init: Members::default(),
        }
    }
}

impl Response {
    /// A response with status 200.
    pub fn new(body: impl Into<Body>) -> Self {
        Response { body: body.into(), ..Response::default() }
    }

    /// The status, from 200 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Sets the status. One of 204, 205 or 304 cannot be sent with a body.
    ///
    /// # Errors
    ///
    /// A `RangeError` outside of 200 to 599: JavaScript can make no other.
    pub fn set_status(&mut self, status: u16) -> Result<(), RpcError> {
        if !web::is_status(status.into()) {
            return Err(RpcError::range_error("a status is from 200 to 599"));
        }
        self.status = status;
        Ok(())
    }

    /// The text behind the status.
    pub fn status_text(&self) -> &str {
        &self.status_text
    }

    /// Sets the text behind the status.
    ///
    /// # Errors
    ///
    /// A `TypeError` if there are control characters in it.
    pub fn set_status_text(&mut self, text: &str) -> Result<(), RpcError> {
        if !web::is_status_text(text) {
            return Err(RpcError::type_error("not the text of a status"));
        }
        text.clone_into(&mut self.status_text);
        Ok(())
    }

    /// The headers.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Takes the body out.
    pub fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    /// Sets the body.
    pub fn set_body(&mut self, body: impl Into<Body>) {
        self.body = body.into();
    }

    /// Another member of JavaScript's `ResponseInit`, such as `encodeBody` or `cf`.
    pub fn init(&self, name: &str) -> Option<&Value> {
        self.init.get(name)
    }

    /// Sets another member of `ResponseInit`.
    ///
    /// # Errors
    ///
    /// As [`Request::set_init`](super::Request::set_init).
    pub fn set_init(&mut self, name: &str, value: impl Into<Value>) -> Result<(), RpcError> {
        self.init.set(name, value.into())
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.body.is_empty() && web::is_null_body_status(self.status.into()) {
            return Err(ser::Error::custom("a response of this status cannot have a body"));
        }
        serializer.serialize_newtype_struct(names::RESPONSE, &Parts(self))
    }
}

struct Parts<'a>(&'a Response);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_tuple(2)?;
        parts.serialize_element(&Written(&self.0.body))?;
        parts.serialize_element(&Written(InitOf(self.0)))?;
        parts.end()
    }
}

struct InitOf<'a>(&'a Response);

impl Serialize for InitOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Response { status, status_text, headers, init, .. } = self.0;
        let mut map = serializer.serialize_map(None)?;
        if *status != 200 {
            map.serialize_entry("status", status)?;
        }
        if !status_text.is_empty() {
            map.serialize_entry("statusText", status_text)?;
        }
        if !headers.is_empty() {
            map.serialize_entry("headers", &headers.literal())?;
        }
        init.serialize_into(&mut map)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Response {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::RESPONSE, ResponseVisitor)
    }
}

struct ResponseVisitor;

impl<'de> Visitor<'de> for ResponseVisitor {
    type Value = Response;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a response")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Response, A::Error> {
        let mut response = Response::new(parts.next_element::<Body>()?.unwrap_or_default());
        parts.next_element_seed(InitSeed(&mut response))?;
        Ok(response)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Response, D::Error> {
        inner.deserialize_tuple(2, self)
    }
}

impl Init for Response {
    const NAME: &'static str = "a response";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "status" => {
                let set = self.set_status(map.next_value()?);
                set.map_err(|error| A::Error::custom(error.message()))?;
            }
            "statusText" => {
                self.status_text = text(map, web::is_status_text, "the text of a status")?;
            }
            "headers" => self.headers = map.next_value::<Pairs>()?.0,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn members(&mut self) -> &mut Members {
        &mut self.init
    }
}
