use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{SerializeTuple, Serializer};

use crate::RpcError;
use crate::codec::names;

/// Bytes, a `Uint8Array` for JavaScript. Any container decodes into it; use [`ByteArray`] to know
/// which it was.
///
/// A `Vec<u8>` is encoded as an array of numbers, as serde has it, and is decoded from bytes one
/// by one: this type is the fast one.
///
/// ```
/// use topsail_core::Bytes;
///
/// let bytes = Bytes::from(vec![1, 2, 3]);
/// assert_eq!(topsail_core::codec::encode(&bytes)?.text(), r#"["bytes","AQID"]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Deref for Bytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.to_vec()))
    }

    /// Formats without bytes have arrays of numbers.
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = elements.next_element()? {
            bytes.push(byte);
        }
        Ok(Bytes(bytes))
    }
}

/// The types of JavaScript that hold bytes and that the protocol tells apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are JavaScript's")]
pub enum Container {
    ArrayBuffer,
    DataView,
    Int8Array,
    #[default]
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
    Float32Array,
    Float64Array,
}

impl Container {
    /// All of them.
    pub const ALL: [Container; 13] = [
        Container::ArrayBuffer,
        Container::DataView,
        Container::Int8Array,
        Container::Uint8Array,
        Container::Uint8ClampedArray,
        Container::Int16Array,
        Container::Uint16Array,
        Container::Int32Array,
        Container::Uint32Array,
        Container::BigInt64Array,
        Container::BigUint64Array,
        Container::Float32Array,
        Container::Float64Array,
    ];

    /// The container of a name.
    pub fn from_name(name: &str) -> Option<Container> {
        Container::ALL.into_iter().find(|container| container.name() == name)
    }

    /// The name, in JavaScript and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Container::ArrayBuffer => "ArrayBuffer",
            Container::DataView => "DataView",
            Container::Int8Array => "Int8Array",
            Container::Uint8Array => "Uint8Array",
            Container::Uint8ClampedArray => "Uint8ClampedArray",
            Container::Int16Array => "Int16Array",
            Container::Uint16Array => "Uint16Array",
            Container::Int32Array => "Int32Array",
            Container::Uint32Array => "Uint32Array",
            Container::BigInt64Array => "BigInt64Array",
            Container::BigUint64Array => "BigUint64Array",
            Container::Float32Array => "Float32Array",
            Container::Float64Array => "Float64Array",
        }
    }

    /// The size of an element in bytes; 1 for `ArrayBuffer` and `DataView`.
    pub fn element_bytes(self) -> usize {
        match self {
            Container::ArrayBuffer
            | Container::DataView
            | Container::Int8Array
            | Container::Uint8Array
            | Container::Uint8ClampedArray => 1,
            Container::Int16Array | Container::Uint16Array => 2,
            Container::Int32Array | Container::Uint32Array | Container::Float32Array => 4,
            Container::BigInt64Array | Container::BigUint64Array | Container::Float64Array => 8,
        }
    }
}

/// Bytes in one of JavaScript's containers. Elements of more than one byte are little-endian.
///
/// In other formats it is the pair of the bytes and the container's name.
///
/// ```
/// use topsail_core::{ByteArray, Container};
///
/// let array = ByteArray::new(Container::Uint16Array, vec![1, 0, 2, 0])?;
/// let text = r#"["bytes","AQACAA","Uint16Array"]"#;
/// assert_eq!(topsail_core::codec::encode(&array)?.text(), text);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteArray {
    pub(in crate::codec) container: Container,
    pub(in crate::codec) bytes: Vec<u8>,
}

impl ByteArray {
    /// Puts bytes into a container.
    ///
    /// # Errors
    ///
    /// A `RangeError` if the length is no multiple of the container's element size.
    pub fn new(container: Container, bytes: Vec<u8>) -> Result<Self, RpcError> {
        let size = container.element_bytes();
        if !bytes.len().is_multiple_of(size) {
            let (length, name) = (bytes.len(), container.name());
            return Err(RpcError::range_error(format!(
                "expected a multiple of {size} bytes for {name}, found {length}"
            )));
        }
        Ok(ByteArray { container, bytes })
    }

    /// The container.
    pub fn container(&self) -> Container {
        self.container
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<Bytes> for ByteArray {
    fn from(bytes: Bytes) -> Self {
        ByteArray { container: Container::Uint8Array, bytes: bytes.0 }
    }
}

impl Serialize for ByteArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::BYTES, &Parts(self))
    }
}

struct Parts<'a>(&'a ByteArray);

struct Slice<'a>(&'a [u8]);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_default = self.0.container == Container::Uint8Array;
        let mut tuple = serializer.serialize_tuple(if is_default { 1 } else { 2 })?;
        tuple.serialize_element(&Slice(&self.0.bytes))?;
        if !is_default {
            tuple.serialize_element(self.0.container.name())?;
        }
        tuple.end()
    }
}

impl Serialize for Slice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for ByteArray {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::BYTES, ByteArrayVisitor)
    }
}

struct ByteArrayVisitor;

impl<'de> Visitor<'de> for ByteArrayVisitor {
    type Value = ByteArray;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<ByteArray, E> {
        Ok(Bytes(bytes).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<ByteArray, A::Error> {
        let Bytes(bytes) = parts.next_element()?.unwrap_or_default();
        let container = match parts.next_element::<String>()? {
            None => Container::Uint8Array,
            Some(name) => Container::from_name(&name)
                .ok_or_else(|| Error::custom("unknown container of bytes"))?,
        };
        ByteArray::new(container, bytes).map_err(|error| Error::custom(error.message()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<ByteArray, D::Error> {
        inner.deserialize_any(self)
    }
}
