use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

use crate::codec::types::{Bytes, Stub, Value};

/// The body of a [`Request`](super::Request) or [`Response`](super::Response).
///
/// ```
/// use topsail_core::{Body, Bytes};
///
/// assert_eq!(Body::from("text"), Body::Text(String::from("text")));
/// assert_eq!(Body::from(vec![1, 2]), Body::Bytes(Bytes(vec![1, 2])));
/// assert!(Body::default().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Body {
    /// No body, `null`. An empty one is [`Text`](Self::Text) or [`Bytes`](Self::Bytes).
    #[default]
    Empty,
    /// Text. JavaScript's constructors add a `content-type` where there is none.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
    /// A stream of bytes, which can be read once: what JavaScript always sends.
    Stream(Stub),
}

impl Body {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        matches!(self, Body::Empty)
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body::Text(text.to_owned())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::Text(text)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::Bytes(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body::Bytes(Bytes(bytes))
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Body::Empty => serializer.serialize_none(),
            Body::Text(text) => serializer.serialize_str(text),
            Body::Bytes(bytes) => bytes.serialize(serializer),
            Body::Stream(stream) => stream.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Body {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Body::Empty),
            Value::String(text) => Ok(Body::Text(text)),
            Value::Bytes(bytes) => Ok(Body::Bytes(Bytes(bytes.into_bytes()))),
            Value::Readable(stream) => Ok(Body::Stream(stream)),
            other => {
                let found = other.form().name();
                Err(D::Error::custom(format!("expected a body, found {found}")))
            }
        }
    }
}
