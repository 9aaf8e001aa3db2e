use std::cell::OnceCell;

use serde::de::{Deserializer, Visitor};

use super::binary::Parts;
use super::{DecodeError, Source};
use crate::bytes_list::BytesList;
use crate::codec::names;
use crate::json::Tape;

/// Bytes that are the only element of a list. A type that takes bytes gets them as they are, any other
/// one reads their text.
pub(crate) struct Alone<'a> {
    bytes: Vec<u8>,
    memory: &'a mut Memory,
}

/// Where the text stands while it is read.
#[derive(Default)]
pub(crate) struct Memory {
    text: OnceCell<String>,
    tape: Tape,
}

impl<'a> Alone<'a> {
    pub(crate) fn new(bytes: Vec<u8>, memory: &'a mut Memory) -> Self {
        Alone { bytes, memory }
    }

    #[cold]
    #[inline(never)]
    fn source(self) -> Result<Source<'a>, DecodeError> {
        let Memory { text, tape } = self.memory;
        let text = text.get_or_init(|| BytesList::new(self.bytes).into_text());
        tape.parse(text, 2).map_err(|error| DecodeError::new(error.to_string()))?;
        let list = tape.view(text);
        Ok(Source::new(list.elements().next().unwrap_or_default(), &[]))
    }
}

macro_rules! by_text {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(
            fn $method<V: Visitor<'a>>(
                self,
                $($argument: $type,)*
                visitor: V,
            ) -> Result<V::Value, DecodeError> {
                self.source()?.decoder().$method($($argument,)* visitor)
            }
        )*
    };
}

impl<'a> Deserializer<'a> for Alone<'a> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_byte_buf(self.bytes)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_byte_buf(self.bytes)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_byte_buf(self.bytes)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match name {
            names::CHUNK => visitor.visit_byte_buf(self.bytes),
            names::BYTES => visitor.visit_seq(Parts::of_bytes(self.bytes)),
            _ if names::reserved(name).is_some() => {
                self.source()?.decoder().deserialize_newtype_struct(name, visitor)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    by_text! {
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }
}
