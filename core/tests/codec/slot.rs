use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use topsail_core::codec::names;

/// A capability by its number alone, under the name that stubs have: the number of its hole when
/// decoded, of its token when encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot(pub(crate) u32);

impl Serialize for Slot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::STUB, &self.0)
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::STUB, SlotVisitor)
    }
}

struct SlotVisitor;

impl<'de> Visitor<'de> for SlotVisitor {
    type Value = Slot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stub")
    }

    fn visit_u32<E: Error>(self, number: u32) -> Result<Slot, E> {
        Ok(Slot(number))
    }
}
