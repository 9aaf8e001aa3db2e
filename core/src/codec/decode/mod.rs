mod access;
#[cfg(feature = "peer")]
mod alone;
mod binary;
mod enums;
mod error;
mod form;
mod key;
mod number;
mod parts;

use std::borrow::Cow;

use serde::de::{Deserializer, Expected, Visitor};

use self::access::{ErrorFields, Members};
#[cfg(feature = "peer")]
pub(crate) use self::alone::{Alone, Memory};
pub use self::error::DecodeError;
pub use self::form::Form;
use super::names;
use crate::json::{Kind, View};

/// Reads a value of a parsed message: a [`serde::Deserializer`] over the expressions of the
/// protocol.
///
/// Strings without escapes are borrowed from the message.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'a> {
    view: View<'a>,
    holes: &'a [u32],
    /// Containers around the value.
    level: u16,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// An expression.
    Value,
    /// Plain JSON.
    Literal,
    /// Nothing: the view is [`View::nothing`].
    Absent,
}

/// Deeper values are refused: decoding recurses. A session refuses at its own limit before.
const MAX_DECODED_LEVELS: u16 = 512;

impl<'a> Decoder<'a> {
    /// A decoder of one value. `holes` are the tape indexes of the arrays that stand for
    /// capabilities, ascending: a capability type gets its position in `holes`.
    pub fn new(view: View<'a>, holes: &'a [u32]) -> Self {
        Decoder { view, holes, level: 0, mode: Mode::Value }
    }

    /// A decoder of what is not there, an omitted argument. It reads as `undefined`.
    pub fn absent() -> Self {
        Decoder { mode: Mode::Absent, ..Decoder::new(View::nothing(), &[]) }
    }

    /// A value inside this one.
    fn child(self, view: View<'a>) -> Self {
        Decoder { view, level: self.level + 1, ..self }
    }

    /// A parameter of a form, as plain JSON.
    fn literal_part(self, index: usize) -> Self {
        match self.part(index) {
            Some(view) => Decoder { mode: Mode::Literal, ..self.child(view) },
            None => Decoder::absent(),
        }
    }

    fn check_depth(self) -> Result<(), DecodeError> {
        if self.level < MAX_DECODED_LEVELS { Ok(()) } else { Err(too_deep()) }
    }

    fn boolean(self) -> Option<bool> {
        match self.view.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn is_nullish(self) -> bool {
        match self.view.kind() {
            Kind::Null => true,
            Kind::Array => self.form() == Form::Undefined,
            _ => false,
        }
    }

    #[cold]
    #[inline(never)]
    fn misfit(self, expected: &dyn Expected) -> DecodeError {
        let found = match self.form() {
            Form::String if self.view.as_str().is_none() => "a string with an unpaired surrogate",
            form => form.name(),
        };
        DecodeError::misfit(expected, found)
    }

    fn array_or_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.array() {
            Some(array) => {
                self.check_depth()?;
                let mut elements = access::Elements::new(self, array);
                let value = visitor.visit_seq(&mut elements)?;
                elements.finish()?;
                Ok(value)
            }
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
        if self.view.kind() != Kind::Object {
            return Err(self.misfit(&visitor));
        }
        self.check_depth()?;
        visitor.visit_map(Members::new(self))
    }

    fn escaped_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.view.as_str() {
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
            Form::Error => visitor.visit_map(ErrorFields::new(self)),
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
            (names::EXPRESSION, _) => visitor.visit_seq(parts::Pieces::new(self)),
            (names::LITERAL, _) => {
                visitor.visit_newtype_struct(Decoder { mode: Mode::Literal, ..self })
            }
            (names::FORM, Form::Array | Form::Stub) => Err(self.misfit(&visitor)),
            (names::FORM, _) if self.view.kind() == Kind::Array => {
                visitor.visit_seq(&mut access::Elements::new(self, self.view))
            }
            _ => Err(self.misfit(&visitor)),
        }
    }
}

#[cold]
fn too_deep() -> DecodeError {
    DecodeError::new(format!("the value exceeded the maximum depth of {MAX_DECODED_LEVELS}"))
}

macro_rules! integers {
    ($way:ident: $($method:ident)*) => {
        $(
            fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
                self.$way(visitor)
            }
        )*
    };
}

impl<'a> Deserializer<'a> for Decoder<'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.any(visitor)
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.boolean() {
            Some(value) => visitor.visit_bool(value),
            None => Err(self.misfit(&visitor)),
        }
    }

    integers! { integer: deserialize_i64 deserialize_u64 }
    integers! {
        narrow_integer: deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_u8 deserialize_u16 deserialize_u32
    }

    fn deserialize_i128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.i128(visitor)
    }

    fn deserialize_u128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.u128(visitor)
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.number() {
            Some(number) => visitor.visit_f64(number),
            None => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.view.plain_str() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.escaped_str(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.form() {
            Form::Bytes => visitor.visit_byte_buf(self.bytes()?.bytes),
            _ => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_nullish() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_nullish() { visitor.visit_unit() } else { Err(self.misfit(&visitor)) }
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match names::reserved(name) {
            None => visitor.visit_newtype_struct(self),
            Some(_) => self.reserved(name, visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.array_or_bytes(visitor)
    }

    fn deserialize_tuple<V: Visitor<'a>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.array_or_bytes(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.array_or_bytes(visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match enums::Tagged::of(self) {
            Some(tagged) => visitor.visit_enum(tagged),
            None => Err(DecodeError::not_one_of(variants, self.form().name())),
        }
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }
}
