use std::borrow::Cow;

use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Expected, Visitor};
use serde::forward_to_deserialize_any;

use super::error::shortened;
use super::{DecodeError, Decoder};
use crate::normal::is_forbidden_key;

/// The key of an object, also as an integer or a boolean.
#[derive(Clone, Copy)]
pub(super) struct KeyDecoder<'s, 'a> {
    key: Decoder<'s, 'a>,
    /// Where it has no escapes.
    plain: Option<&'a str>,
}

impl<'s, 'a> KeyDecoder<'s, 'a> {
    #[inline]
    pub(super) fn new(key: Decoder<'s, 'a>) -> Self {
        KeyDecoder { key, plain: key.view().plain_str() }
    }

    pub(super) fn as_str(self) -> Option<Cow<'a, str>> {
        self.key.view().as_str()
    }

    /// Whether it is one that no value carries.
    #[inline]
    pub(super) fn is_skipped(self) -> bool {
        self.key.source.has_outstanding && self.as_str().is_some_and(|key| is_forbidden_key(&key))
    }

    /// The text of an integer as JavaScript writes it: `05` and `+5` are other keys than `5`. Of others
    /// nothing.
    fn digits(self) -> Cow<'a, str> {
        let text = self.text();
        match text.strip_prefix('-').unwrap_or(&text).as_bytes() {
            [b'1'..=b'9', ..] => text,
            b"0" if text.len() == 1 => text,
            _ => Cow::Borrowed(""),
        }
    }

    fn text(self) -> Cow<'a, str> {
        self.as_str().unwrap_or_default()
    }

    fn escaped<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.as_str() {
            Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Some(Cow::Owned(text)) => visitor.visit_string(text),
            None => Err(self.misfit(&visitor)),
        }
    }

    fn integer<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text = self.digits();
        if let Ok(value) = text.parse() {
            visitor.visit_u64(value)
        } else if let Ok(value) = text.parse() {
            visitor.visit_i64(value)
        } else {
            Err(self.misfit(&visitor))
        }
    }

    #[cold]
    fn misfit(self, expected: &dyn Expected) -> DecodeError {
        let key = self.text();
        DecodeError::misfit(expected, &shortened(&key)).in_member(Some(&key))
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
                self.integer(visitor)
            }
        )*
    };
}

impl<'a> Deserializer<'a> for KeyDecoder<'_, 'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.plain {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.escaped(visitor),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_i128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.digits().parse() {
            Ok(value) => visitor.visit_i128(value),
            Err(_) => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_u128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.digits().parse() {
            Ok(value) => visitor.visit_u128(value),
            Err(_) => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &*self.text() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(StrDeserializer::new(&self.text()))
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
