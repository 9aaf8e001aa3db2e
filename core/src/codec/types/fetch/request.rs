use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeTuple};
use serde::{Serialize, Serializer, ser};

use super::Body;
use super::init::{Init, InitSeed, Members, Written, text};
use crate::codec::names;
use crate::codec::types::headers::{Headers, Pairs};
use crate::codec::types::{Url, Value};
use crate::{RpcError, web};

/// A `Request` of JavaScript's Fetch API, as plain data.
///
/// ```
/// use topsail_core::{Request, Url};
///
/// let mut request = Request::new(Url::parse("https://example.com/")?);
/// request.set_method("POST")?;
/// request.headers_mut().append("content-type", "text/plain")?;
/// request.set_body("hello");
/// let text = r#"["request","https://example.com/",{"method":"POST","#.to_owned()
///     + r#""headers":[["content-type","text/plain"]],"body":"hello","duplex":"half"}]"#;
/// assert_eq!(topsail_core::codec::encode(&request)?.text(), text);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
///
/// A signal is not sent: the protocol has none yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    url: Url,
    method: String,
    headers: Headers,
    body: Body,
    init: Members,
}

impl Request {
    /// A `GET` request without headers.
    pub fn new(url: Url) -> Self {
        Request {
            url,
            method: String::from("GET"),
            headers: Headers::new(),
            body: Body::Empty,
            init: Members::default(),
        }
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The method, as it was given.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Sets the method.
    ///
    /// # Errors
    ///
    /// A `TypeError` for `CONNECT`, `TRACE` and `TRACK`, and for what is no token of HTTP.
    pub fn set_method(&mut self, method: &str) -> Result<(), RpcError> {
        if !web::is_method(method) {
            return Err(RpcError::type_error("not a method of HTTP"));
        }
        method.clone_into(&mut self.method);
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

    /// Sets the body. A `GET` or `HEAD` request with one cannot be sent.
    pub fn set_body(&mut self, body: impl Into<Body>) {
        self.body = body.into();
    }

    /// Another member of JavaScript's `RequestInit`, such as `redirect` or `cf`.
    pub fn init(&self, name: &str) -> Option<&Value> {
        self.init.get(name)
    }

    /// Sets another member of `RequestInit`.
    ///
    /// # Errors
    ///
    /// A `TypeError` if it has a method of its own here, if the value is not plain (JSON has no
    /// form for it), or if JavaScript would not take it.
    pub fn set_init(&mut self, name: &str, value: impl Into<Value>) -> Result<(), RpcError> {
        self.init.set(name, value.into())
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.body.is_empty() && !web::takes_body(&self.method) {
            return Err(ser::Error::custom("a GET or HEAD request cannot have a body"));
        }
        serializer.serialize_newtype_struct(names::REQUEST, &Parts(self))
    }
}

struct Parts<'a>(&'a Request);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_tuple(2)?;
        parts.serialize_element(self.0.url.as_str())?;
        parts.serialize_element(&Written(InitOf(self.0)))?;
        parts.end()
    }
}

struct InitOf<'a>(&'a Request);

impl Serialize for InitOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Request { method, headers, body, init, .. } = self.0;
        let mut map = serializer.serialize_map(None)?;
        if method != "GET" {
            map.serialize_entry("method", method)?;
        }
        if !headers.is_empty() {
            map.serialize_entry("headers", &headers.literal())?;
        }
        if !body.is_empty() {
            map.serialize_entry("body", body)?;
            if init.get("duplex").is_none() {
                // Node.js and Chrome want it with bodies that are streams.
                map.serialize_entry("duplex", "half")?;
            }
        }
        init.serialize_into(&mut map)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Request {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::REQUEST, RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = Request;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Request, A::Error> {
        let url: String = parts.next_element()?.unwrap_or_default();
        let url = Url::parse(url).map_err(|error| A::Error::custom(error.message()))?;
        let mut request = Request::new(url);
        parts.next_element_seed(InitSeed(&mut request))?;
        Ok(request)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Request, D::Error> {
        inner.deserialize_tuple(2, self)
    }
}

impl Init for Request {
    const NAME: &'static str = "a request";

    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "method" => self.method = text(map, web::is_method, "a method of HTTP")?,
            "headers" => self.headers = map.next_value::<Pairs>()?.0,
            "body" => self.body = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn members(&mut self) -> &mut Members {
        &mut self.init
    }
}
