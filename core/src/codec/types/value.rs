use std::fmt;

use serde::de::{
    Deserialize, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Serialize, Serializer};

use super::object::MemberKey;
use super::{
    BigInt, Blob, ByteArray, Date, Expression, Headers, Object, Request, Response, Stub, Undefined,
    Url,
};
use crate::RpcError;
use crate::codec::{Form, names};

/// Any value of the protocol, for code that does not know what it gets.
///
/// Types known beforehand are faster to decode and say what they want.
///
/// In other formats it is the plain value as far as they have it; from them it decodes what JSON
/// has. Inside `#[serde(flatten)]`, untagged and internally tagged enums, where serde buffers
/// values, dates, URLs, bigints and errors become numbers, strings and objects.
///
/// ```
/// use topsail_core::Value;
/// use topsail_core::codec::decode;
/// use topsail_core::json::Tape;
///
/// let text = r#"{"list":[[1,["undefined"]]]}"#;
/// let mut tape = Tape::default();
/// tape.parse(text, 256)?;
/// let value: Value = decode(tape.view(text), &[])?;
/// let Value::Object(object) = value else { panic!("no object") };
/// let list = Value::Array(vec![Value::Number(1.0), Value::Undefined]);
/// assert_eq!(object.get("list"), Some(&list));
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `undefined`
    #[default]
    Undefined,
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    String(String),
    /// A `bigint`.
    BigInt(BigInt),
    /// A `Date`.
    Date(Date),
    /// Bytes.
    Bytes(ByteArray),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
    /// An `Error`.
    Error(RpcError),
    /// A `URL`.
    Url(Url),
    /// A capability: a function, a target, a stub. The value keeps it alive, and gives it back
    /// when it is dropped. [`as_stub`](Self::as_stub) makes calls on it.
    Stub(Stub),
    /// A `ReadableStream`. [`as_readable`](Self::as_readable) reads it.
    Readable(Stub),
    /// A `WritableStream`. [`as_writable`](Self::as_writable) writes to it.
    Writable(Stub),
    /// A `Headers` object.
    Headers(Headers),
    /// A `Request`.
    Request(Box<Request>),
    /// A `Response`.
    Response(Box<Response>),
    /// A `Blob`.
    Blob(Blob),
    /// A value of another form, kept as it came.
    Other(Expression),
}

impl Value {
    /// What kind of value it is.
    pub fn form(&self) -> Form {
        match self {
            Value::Undefined => Form::Undefined,
            Value::Null => Form::Null,
            Value::Bool(_) => Form::Bool,
            Value::Number(_) => Form::Number,
            Value::String(_) => Form::String,
            Value::BigInt(_) => Form::BigInt,
            Value::Date(_) => Form::Date,
            Value::Bytes(_) => Form::Bytes,
            Value::Array(_) => Form::Array,
            Value::Object(_) => Form::Object,
            Value::Error(_) => Form::Error,
            Value::Url(_) => Form::Url,
            Value::Stub(_) => Form::Stub,
            Value::Readable(_) => Form::Readable,
            Value::Writable(_) => Form::Writable,
            Value::Headers(_) => Form::Headers,
            Value::Request(_) => Form::Request,
            Value::Response(_) => Form::Response,
            Value::Blob(_) => Form::Blob,
            Value::Other(_) => Form::Other,
        }
    }
}

macro_rules! from {
    ($($from:ty, $value:ident => $into:expr;)*) => {
        $(
            impl From<$from> for Value {
                fn from($value: $from) -> Self {
                    $into
                }
            }
        )*
    };
}

from! {
    bool, value => Value::Bool(value);
    f64, value => Value::Number(value);
    i32, value => Value::Number(value.into());
    u32, value => Value::Number(value.into());
    String, value => Value::String(value);
    &str, value => Value::String(value.to_owned());
    BigInt, value => Value::BigInt(value);
    Date, value => Value::Date(value);
    ByteArray, value => Value::Bytes(value);
    Vec<Value>, value => Value::Array(value);
    Object, value => Value::Object(value);
    RpcError, value => Value::Error(value);
    Url, value => Value::Url(value);
    Headers, value => Value::Headers(value);
    Request, value => Value::Request(Box::new(value));
    Response, value => Value::Response(Box::new(value));
    Blob, value => Value::Blob(value);
    Undefined, _value => Value::Undefined;
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Undefined => serializer.serialize_unit(),
            Value::Null => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => serializer.serialize_f64(*value),
            Value::String(value) => serializer.serialize_str(value),
            Value::BigInt(value) => value.serialize(serializer),
            Value::Date(value) => value.serialize(serializer),
            Value::Bytes(value) => value.serialize(serializer),
            Value::Array(value) => value.serialize(serializer),
            Value::Object(value) => value.serialize(serializer),
            Value::Error(value) => value.serialize(serializer),
            Value::Url(value) => value.serialize(serializer),
            Value::Stub(value) | Value::Readable(value) | Value::Writable(value) => {
                value.serialize(serializer)
            }
            Value::Headers(value) => value.serialize(serializer),
            Value::Request(value) => value.serialize(serializer),
            Value::Response(value) => value.serialize(serializer),
            Value::Blob(value) => value.serialize(serializer),
            Value::Other(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::VALUE, ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, value: A) -> Result<Value, A::Error> {
        let (form, content) = value.variant::<u8>()?;
        match Form::from_number(form) {
            Some(Form::Array) => content.newtype_variant().map(Value::Array),
            Some(Form::Object) => content.newtype_variant().map(Value::Object),
            Some(form) => leaf(form, content),
            None => Err(Error::custom("unknown form")),
        }
    }

    /// Another format, or serde's buffer of a [`Decoder`](crate::codec::Decoder)'s value.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(match value as f64 {
            number if number as i128 == value.into() => Value::Number(number),
            _ => Value::BigInt(value.into()),
        })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(match value as f64 {
            number if number as u128 == value.into() => Value::Number(number),
            _ => Value::BigInt(value.into()),
        })
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_byte_buf<E: Error>(self, value: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(super::Bytes(value).into()))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Value, E> {
        self.visit_byte_buf(value.to_vec())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        Ok(match members.next_key()? {
            Some(MemberKey::Name(first)) => Value::Object(Object::starting_with(first, members)?),
            Some(MemberKey::Hole) => Stub::from_hole(members.next_value()?)?.into_value(),
            None => Value::Object(Object::new()),
        })
    }
}

/// Values without values in them. Out of line: their temporaries do not belong on the stack of
/// the recursion.
#[inline(never)]
fn leaf<'de, A: VariantAccess<'de>>(form: Form, content: A) -> Result<Value, A::Error> {
    Ok(match form {
        Form::Null => Value::Null,
        Form::Bool => Value::Bool(content.newtype_variant()?),
        Form::Number => Value::Number(content.newtype_variant()?),
        Form::String => Value::String(content.newtype_variant()?),
        Form::BigInt => Value::BigInt(content.newtype_variant()?),
        Form::Date => Value::Date(content.newtype_variant()?),
        Form::Bytes => Value::Bytes(content.newtype_variant()?),
        Form::Error => Value::Error(content.newtype_variant()?),
        Form::Url => Value::Url(content.newtype_variant()?),
        Form::Stub | Form::Readable | Form::Writable => {
            content.newtype_variant().map(Stub::into_value)?
        }
        Form::Headers => Value::Headers(content.newtype_variant()?),
        Form::Request => Value::Request(content.newtype_variant()?),
        Form::Response => Value::Response(content.newtype_variant()?),
        Form::Blob => Value::Blob(content.newtype_variant()?),
        Form::Other => Value::Other(content.newtype_variant()?),
        Form::Undefined | Form::Array | Form::Object => Value::Undefined,
    })
}
