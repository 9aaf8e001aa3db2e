use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};

use super::Stub;
use crate::codec::names;

/// An expression as it stands, with its capabilities: a value that is passed on and not looked
/// into. Reading one and writing it copies text.
///
/// It decodes from the protocol only.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The text before the first capability.
    head: String,
    /// Each capability, and the text behind it.
    tail: Vec<(Stub, String)>,
}

impl Expression {
    /// The name of the form, as `headers` of `["headers", …]`; none if it is not of that shape.
    pub fn form(&self) -> Option<&str> {
        self.head.strip_prefix("[\"")?.split_once('"').map(|(name, _)| name)
    }

    /// The text, if there are no capabilities in it.
    pub fn text(&self) -> Option<&str> {
        self.tail.is_empty().then_some(&self.head)
    }

    /// The capabilities, in order.
    pub fn capabilities(&self) -> impl ExactSizeIterator<Item = &Stub> {
        self.tail.iter().map(|(stub, _)| stub)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::EXPRESSION, &Pieces(self))
    }
}

struct Pieces<'a>(&'a Expression);

impl Serialize for Pieces<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(1 + self.0.tail.len() * 2))?;
        seq.serialize_element(&self.0.head)?;
        for (stub, text) in &self.0.tail {
            seq.serialize_element(stub)?;
            seq.serialize_element(text)?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Expression {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::EXPRESSION, ExpressionVisitor)
    }
}

struct ExpressionVisitor;

impl<'de> Visitor<'de> for ExpressionVisitor {
    type Value = Expression;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression of the protocol")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Expression, A::Error> {
        let head = pieces.next_element()?.unwrap_or_default();
        let mut tail = Vec::new();
        while let Some(stub) = pieces.next_element()? {
            let text = pieces.next_element()?;
            tail.push((stub, text.ok_or_else(|| Error::custom("expected a piece of text"))?));
        }
        Ok(Expression { head, tail })
    }
}
