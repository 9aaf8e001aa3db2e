use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::access::too_many;
use super::error::shortened;
use super::{DecodeError, Decoder};
use crate::base64;
use crate::codec::{ByteArray, Container, names};
use crate::json::View;

impl Decoder<'_, '_> {
    /// The contents of `["bytes", base64, container?]`.
    pub(super) fn bytes(self) -> Result<ByteArray, DecodeError> {
        let text = self.part(1).and_then(View::as_str);
        let Some(bytes) = text.and_then(|text| base64::decode(&text)) else {
            return Err(DecodeError::new("expected bytes, found text that is not base64"));
        };
        let container = match self.part(2) {
            None => Container::Uint8Array,
            Some(name) => container(name)?,
        };
        ByteArray::new(container, bytes).map_err(|error| DecodeError::new(error.message()))
    }
}

fn container(name: View<'_>) -> Result<Container, DecodeError> {
    let name = name.as_str().unwrap_or_default();
    Container::from_name(&name).ok_or_else(|| {
        DecodeError::new(format!("expected bytes, found bytes in {}", shortened(&name)))
    })
}

/// Bytes and the name of their container.
pub(super) struct Parts {
    bytes: Option<Vec<u8>>,
    container: Option<Container>,
}

impl Parts {
    pub(super) fn new(decoder: Decoder<'_, '_>) -> Result<Self, DecodeError> {
        let ByteArray { container, bytes } = decoder.bytes()?;
        Ok(Parts { bytes: Some(bytes), container: Some(container) })
    }

    #[cfg(feature = "peer")]
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Parts { bytes: Some(bytes), container: Some(Container::Uint8Array) }
    }
}

impl<'a> SeqAccess<'a> for Parts {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        if let Some(bytes) = self.bytes.take() {
            return seed.deserialize(Owned(bytes)).map(Some);
        }
        match self.container.take() {
            Some(name) => seed.deserialize(BorrowedStrDeserializer::new(name.name())).map(Some),
            None => Ok(None),
        }
    }
}

struct Owned(Vec<u8>);

impl<'a> Deserializer<'a> for Owned {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_byte_buf(self.0)
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

/// The elements of a byte container as numbers, as JavaScript iterates over it.
pub(super) struct Items {
    array: ByteArray,
    at: usize,
}

impl Items {
    pub(super) fn new(decoder: Decoder<'_, '_>) -> Result<Self, DecodeError> {
        Ok(Items { array: decoder.bytes()?, at: 0 })
    }

    /// Checks that no elements are left.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        match self.array.bytes.len() {
            length if self.at < length => {
                let size = self.array.container.element_bytes();
                Err(too_many(self.at / size, length / size))
            }
            _ => Ok(()),
        }
    }

    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.array.bytes.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(*bytes)
    }
}

/// An element of a byte container. No integer is of 32 bits: to a stub it would be the number of a hole.
enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

impl<'a> Deserializer<'a> for Number {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Number::Signed(number) => visitor.visit_i64(number),
            Number::Unsigned(number) => visitor.visit_u64(number),
            Number::Float(number) => visitor.visit_f64(number),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match names::reserved(name) {
            None => visitor.visit_newtype_struct(self),
            Some(_) => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Visits an element, which `from_le_bytes` of a type makes.
macro_rules! item {
    ($items:ident, $seed:ident, $number:ident($type:ty)) => {
        match $items.next() {
            Some(bytes) => {
                let number = Number::$number(<$type>::from_le_bytes(bytes).into());
                $seed.deserialize(number).map(Some)
            }
            None => Ok(None),
        }
    };
}

impl<'a> SeqAccess<'a> for &mut Items {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        match self.array.container {
            Container::Int8Array => item!(self, seed, Signed(i8)),
            Container::Int16Array => item!(self, seed, Signed(i16)),
            Container::Uint16Array => item!(self, seed, Unsigned(u16)),
            Container::Int32Array => item!(self, seed, Signed(i32)),
            Container::Uint32Array => item!(self, seed, Unsigned(u32)),
            Container::BigInt64Array => item!(self, seed, Signed(i64)),
            Container::BigUint64Array => item!(self, seed, Unsigned(u64)),
            Container::Float32Array => item!(self, seed, Float(f32)),
            Container::Float64Array => item!(self, seed, Float(f64)),
            _ => item!(self, seed, Unsigned(u8)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        let rest = self.array.bytes.len().saturating_sub(self.at);
        Some(rest / self.array.container.element_bytes())
    }
}
