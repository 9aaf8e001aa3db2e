use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::access::too_many;
use super::error::shortened;
use super::{DecodeError, Decoder};
use crate::base64;
use crate::codec::{ByteArray, Container};
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

/// Visits an element as a type that `from_le_bytes` makes.
macro_rules! item {
    ($items:ident, $seed:ident, $number:ty) => {
        match $items.next() {
            Some(bytes) => {
                let number = <$number>::from_le_bytes(bytes);
                let number = IntoDeserializer::<DecodeError>::into_deserializer(number);
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
            Container::Int8Array => item!(self, seed, i8),
            Container::Int16Array => item!(self, seed, i16),
            Container::Uint16Array => item!(self, seed, u16),
            Container::Int32Array => item!(self, seed, i32),
            Container::Uint32Array => item!(self, seed, u32),
            Container::BigInt64Array => item!(self, seed, i64),
            Container::BigUint64Array => item!(self, seed, u64),
            Container::Float32Array => item!(self, seed, f32),
            Container::Float64Array => item!(self, seed, f64),
            _ => item!(self, seed, u8),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        let rest = self.array.bytes.len().saturating_sub(self.at);
        Some(rest / self.array.container.element_bytes())
    }
}
