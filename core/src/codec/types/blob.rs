use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Serialize, Serializer};

use super::Stub;
use crate::codec::names;

/// A `Blob` of JavaScript: bytes and their media type.
///
/// On the wire the bytes are always a stream. A call with blobs in its arguments runs, and a promise
/// of a value with blobs resolves, when all their bytes are there; [`Limits`](crate::Limits) bound
/// how many. A call that comes after one with a blob may overtake it, as in npm `capnweb`.
///
/// It has no form outside of RPC calls and results.
#[cfg_attr(feature = "peer", doc = "")]
#[cfg_attr(feature = "peer", doc = "```")]
#[cfg_attr(feature = "peer", doc = "use topsail_core::Blob;")]
#[cfg_attr(feature = "peer", doc = "")]
#[cfg_attr(feature = "peer", doc = "let blob = Blob::new(\"text/plain\", *b\"hello\");")]
#[cfg_attr(feature = "peer", doc = "assert_eq!(blob.as_bytes(), b\"hello\");")]
#[cfg_attr(feature = "peer", doc = "```")]
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    content_type: String,
    /// A stream of this process whose bytes are all there.
    content: Stub,
}

impl Blob {
    #[cfg(feature = "peer")]
    pub(crate) fn from_parts(content_type: String, content: Stub) -> Self {
        Blob { content_type, content }
    }

    #[cfg(feature = "peer")]
    pub(crate) fn content(&self) -> &Stub {
        &self.content
    }

    /// The media type, or an empty text.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::BLOB, &Parts(self))
    }
}

struct Parts<'a>(&'a Blob);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_tuple(2)?;
        parts.serialize_element(&self.0.content_type)?;
        parts.serialize_element(&self.0.content)?;
        parts.end()
    }
}

impl<'de> Deserialize<'de> for Blob {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::BLOB, BlobVisitor)
    }
}

struct BlobVisitor;

impl<'de> Visitor<'de> for BlobVisitor {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a blob")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Blob, A::Error> {
        let content_type = parts.next_element()?.unwrap_or_default();
        let content = parts.next_element::<Stub>()?.filter(Stub::is_collected);
        let content = content.ok_or_else(|| A::Error::custom("the bytes of a blob are missing"))?;
        Ok(Blob { content_type, content })
    }
}
