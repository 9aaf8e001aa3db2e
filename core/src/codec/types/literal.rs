use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::codec::names;

/// A value that stands as plain JSON inside a form.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Literal<T>(pub(super) T);

impl<T: Serialize> Serialize for Literal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::LITERAL, &self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Literal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::LITERAL, LiteralVisitor(PhantomData))
    }
}

struct LiteralVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LiteralVisitor<T> {
    type Value = Literal<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain JSON")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Literal<T>, D::Error> {
        T::deserialize(inner).map(Literal)
    }
}
