use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::codec::names;
use crate::peer::Outgoing;

/// A chunk of a stream that is passed on and not looked into. A stream of them moves bytes as they are,
/// one of [`Outgoing`] as text.
#[derive(Clone, Debug, PartialEq)]
pub enum RawChunk {
    /// A `Uint8Array`.
    Bytes(Vec<u8>),
    /// Any value. It may be a `Uint8Array` too, if it came as text.
    Value(Outgoing),
}

impl Serialize for RawChunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            RawChunk::Bytes(bytes) => serializer.serialize_bytes(bytes),
            RawChunk::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RawChunk {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::CHUNK, RawChunkVisitor)
    }
}

struct RawChunkVisitor;

impl<'de> Visitor<'de> for RawChunkVisitor {
    type Value = RawChunk;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression of the protocol")
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<RawChunk, E> {
        Ok(RawChunk::Bytes(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, pieces: A) -> Result<RawChunk, A::Error> {
        Outgoing::deserialize(SeqAccessDeserializer::new(pieces)).map(RawChunk::Value)
    }
}
