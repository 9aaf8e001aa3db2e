//! A whole value as a part of others, copied and not looked into.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::{Outgoing, RawStub};
use crate::Payload;
use crate::codec::names;

impl Serialize for Payload<RawStub> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::EXPRESSION, &Pieces(self))
    }
}

impl<'de> Deserialize<'de> for Payload<RawStub> {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::EXPRESSION, PiecesVisitor)
    }
}

struct Pieces<'a>(&'a Outgoing);

impl Serialize for Pieces<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(1 + self.0.caps().len() * 2))?;
        for (text, stub) in self.0.pieces() {
            seq.serialize_element(text)?;
            if let Some(stub) = stub {
                seq.serialize_element(stub)?;
            }
        }
        seq.end()
    }
}

struct PiecesVisitor;

impl<'de> Visitor<'de> for PiecesVisitor {
    type Value = Outgoing;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression of the protocol")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Outgoing, A::Error> {
        let mut value = Payload::empty();
        while let Some(text) = pieces.next_element::<String>()? {
            match value.text().is_empty() {
                true => *value.text_mut() = text,
                false => value.text_mut().push_str(&text),
            }
            match pieces.next_element()? {
                Some(stub) => value.push_cap(stub),
                None => break,
            }
        }
        match value.text().is_empty() {
            true => Err(A::Error::custom("an empty expression")),
            false => Ok(value),
        }
    }
}
