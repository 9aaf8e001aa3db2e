mod access;
#[cfg(feature = "peer")]
mod alone;
mod binary;
mod deserializer;
mod enums;
mod error;
mod form;
mod key;
mod number;
mod parts;

use std::borrow::Cow;
use std::cell::Cell;

use serde::de::{Deserializer, Expected, Visitor};

use self::access::{ErrorFields, Members};
#[cfg(feature = "peer")]
pub(crate) use self::alone::{Alone, Memory};
pub use self::error::DecodeError;
pub use self::form::Form;
use super::names;
use crate::json::{Kind, View};

/// What the values of a text are decoded from.
#[derive(Debug)]
pub(super) struct Source<'a> {
    root: View<'a>,
    /// The tape indexes of the arrays that stand for capabilities, ascending.
    holes: &'a [u32],
    /// Of the whole text: there may be keys that are skipped.
    has_outstanding: bool,
    /// The root is a plain list of expressions, and no expression itself.
    is_list: bool,
    /// Containers around the value that is being decoded.
    levels: Cell<u16>,
}

/// Reads a value of a parsed message: a [`serde::Deserializer`] over the expressions of the
/// protocol, for [`decode`](super::decode).
///
/// Strings without escapes are borrowed from the message.
// Two words: it is handed on at every step.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'s, 'a> {
    source: &'s Source<'a>,
    /// The tape index of the value, and [`LITERAL`].
    at: u32,
}

/// The value is plain JSON, and no expression. No tape is as long.
const LITERAL: u32 = 1 << 31;

/// Where there is no value.
const ABSENT: u32 = u32::MAX;

/// Deeper values are refused: decoding recurses. A session refuses at its own limit before.
const MAX_DECODED_LEVELS: u16 = 512;

impl<'a> Source<'a> {
    /// A value with all that is in it.
    pub(super) fn new(root: View<'a>, holes: &'a [u32]) -> Self {
        Source {
            root,
            holes,
            has_outstanding: root.has_outstanding(),
            is_list: false,
            levels: Cell::new(0),
        }
    }

    /// A plain list of values.
    #[cfg(feature = "peer")]
    pub(super) fn list(root: View<'a>, holes: &'a [u32]) -> Self {
        Source { is_list: true, ..Source::new(root, holes) }
    }

    /// The decoder of the value; of one that is [not there](View::nothing), which reads as
    /// `undefined`.
    pub(super) fn decoder(&self) -> Decoder<'_, 'a> {
        Decoder { source: self, at: self.root.index() }
    }
}

impl<'s, 'a> Decoder<'s, 'a> {
    #[inline]
    fn view(self) -> View<'a> {
        self.source.root.at(self.at & !LITERAL)
    }

    #[inline]
    fn kind(self) -> Kind {
        self.view().kind()
    }

    #[inline]
    fn is_literal(self) -> bool {
        self.at & LITERAL != 0
    }

    /// Whether it is a plain list of expressions.
    fn is_list(self) -> bool {
        self.source.is_list && self.at == self.source.root.index()
    }

    fn is_absent(self) -> bool {
        self.at == ABSENT
    }

    fn absent(self) -> Self {
        Decoder { at: ABSENT, ..self }
    }

    /// A value inside this one, by its index.
    #[inline]
    fn child(self, index: u32) -> Self {
        Decoder { at: index | self.at & LITERAL, ..self }
    }

    /// A parameter of a form, as plain JSON.
    fn literal_part(self, index: usize) -> Self {
        match self.part(index) {
            Some(view) => Decoder { at: view.index() | LITERAL, ..self },
            None => self.absent(),
        }
    }

    /// Runs what decodes the contents of a container.
    #[inline]
    fn inside<T>(self, decode: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        let levels = self.source.levels.get();
        if levels >= MAX_DECODED_LEVELS {
            return Err(too_deep());
        }
        self.source.levels.set(levels + 1);
        let decoded = decode();
        self.source.levels.set(levels);
        decoded
    }

    /// The contents of a string without escapes.
    #[inline(never)]
    fn plain_str(self) -> Option<&'a str> {
        self.view().plain_str()
    }

    fn boolean(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn is_nullish(self) -> bool {
        match self.kind() {
            Kind::Null => true,
            Kind::Array => self.form() == Form::Undefined,
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn misfit(self, expected: &dyn Expected) -> DecodeError {
        let found = match self.form() {
            Form::String if self.view().as_str().is_none() => "a string with an unpaired surrogate",
            form => form.name(),
        };
        DecodeError::misfit(expected, found)
    }

    fn array_or_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.array() {
            Some(array) => self.inside(|| {
                let mut elements = access::Elements::new(self, array);
                let value = visitor.visit_seq(&mut elements)?;
                elements.finish()?;
                Ok(value)
            }),
            None if self.form() == Form::Bytes => {
                let mut items = binary::Items::new(self)?;
                let value = visitor.visit_seq(&mut items)?;
                items.finish()?;
                Ok(value)
            }
            None => Err(self.misfit(&visitor)),
        }
    }

    fn object<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.kind() != Kind::Object {
            return Err(self.misfit(&visitor));
        }
        self.inside(|| visitor.visit_map(Members::new(self)))
    }

    fn escaped_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.view().as_str() {
            Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Some(Cow::Owned(text)) => visitor.visit_string(text),
            None => Err(self.misfit(&visitor)),
        }
    }

    /// What a type that did not say what it is, or that serde buffers, gets to see.
    fn any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.form() {
            Form::Undefined | Form::Null => visitor.visit_unit(),
            Form::Bool => visitor.visit_bool(self.boolean().unwrap_or_default()),
            Form::Number => self.any_number(visitor),
            Form::String => self.deserialize_str(visitor),
            Form::BigInt => self.any_bigint(visitor),
            Form::Bytes => visitor.visit_byte_buf(self.bytes()?.bytes),
            Form::Array => self.array_or_bytes(visitor),
            Form::Object => self.object(visitor),
            Form::Error => self.inside(|| visitor.visit_map(ErrorFields::new(self))),
            Form::Date | Form::Url => visitor.visit_newtype_struct(self.literal_part(1)),
            Form::Stub => visitor.visit_map(parts::Hole::new(self)),
            Form::Headers => visitor.visit_newtype_struct(self.literal_part(1)),
            Form::Readable
            | Form::Writable
            | Form::Request
            | Form::Response
            | Form::Blob
            | Form::Other => Err(self.misfit(&visitor)),
        }
    }

    #[inline]
    fn reserved<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match (name, self.form()) {
            (names::STUB | names::PROMISE, Form::Stub) => {
                visitor.visit_u32(self.hole().unwrap_or_default())
            }
            (names::VALUE, _) => visitor.visit_enum(parts::Dynamic(self)),
            (names::UNDEFINED, Form::Undefined) => visitor.visit_unit(),
            (names::DATE, Form::Date) | (names::URL, Form::Url) => {
                visitor.visit_newtype_struct(self.literal_part(1))
            }
            (names::BIGINT, Form::BigInt) => visitor.visit_str(&self.digits()),
            (names::BIGINT, Form::Number) => self.integer(visitor),
            (names::BYTES, Form::Bytes) => visitor.visit_seq(binary::Parts::new(self)?),
            (names::ERROR, Form::Error) => visitor.visit_seq(parts::ErrorParts::new(self)),
            (names::HEADERS, Form::Headers) => self.literal_part(1).array_or_bytes(visitor),
            (names::REQUEST, Form::Request)
            | (names::RESPONSE, Form::Response)
            | (names::BLOB, Form::Blob) => visitor.visit_seq(access::Parameters::new(self)),
            (names::EXPRESSION | names::CHUNK, _) => visitor.visit_seq(parts::Pieces::new(self)),
            (names::LITERAL, _) => {
                visitor.visit_newtype_struct(Decoder { at: self.at | LITERAL, ..self })
            }
            (names::FORM, Form::Array | Form::Stub) => Err(self.misfit(&visitor)),
            (names::FORM, _) if self.kind() == Kind::Array => {
                visitor.visit_seq(&mut access::Elements::new(self, self.view()))
            }
            _ => Err(self.misfit(&visitor)),
        }
    }
}

#[cold]
fn too_deep() -> DecodeError {
    DecodeError::new(format!("the value exceeded the maximum depth of {MAX_DECODED_LEVELS}"))
}
