use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use crate::codec::names;

/// `undefined`, and nothing else: null does not decode into it.
///
/// `()` is encoded alike, and decodes from null too. In other formats it is their unit.
///
/// ```
/// use topsail_core::Undefined;
///
/// assert_eq!(topsail_core::codec::encode(&Undefined)?.text(), r#"["undefined"]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Undefined;

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Undefined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::UNDEFINED, UndefinedVisitor)
    }
}

struct UndefinedVisitor;

impl<'de> Visitor<'de> for UndefinedVisitor {
    type Value = Undefined;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("undefined")
    }

    fn visit_unit<E: Error>(self) -> Result<Undefined, E> {
        Ok(Undefined)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Undefined, D::Error> {
        inner.deserialize_unit(self)
    }
}
