use serde::ser::{Impossible, Serialize, Serializer};

use super::EncodeError;
use crate::codec::Token;
use crate::json::{write_i64, write_str, write_u64};

/// Writes the key of a map as a JSON string.
pub(super) struct KeySerializer<'s>(&'s mut String);

impl<'s> KeySerializer<'s> {
    pub(super) fn new(out: &'s mut String) -> Self {
        KeySerializer(out)
    }

    fn quoted(self, write: impl FnOnce(&mut String)) -> Result<(), EncodeError> {
        self.0.push('"');
        write(self.0);
        self.0.push('"');
        Ok(())
    }
}

/// Takes the `u32` of a capability.
pub(super) struct TokenSerializer;

/// The methods of a serializer that refuse.
macro_rules! refuse {
    ($ok:ty, $error:ident: $($method:ident($($argument:ty),*))*) => {
        $(
            fn $method(self $(, _: $argument)*) -> Result<$ok, EncodeError> {
                Err(EncodeError::$error())
            }
        )*
    };
}

/// The methods for compound values and options, which refuse.
macro_rules! refuse_compound {
    ($ok:ty, $error:ident) => {
        type Ok = $ok;
        type Error = EncodeError;
        type SerializeSeq = Impossible<$ok, EncodeError>;
        type SerializeTuple = Impossible<$ok, EncodeError>;
        type SerializeTupleStruct = Impossible<$ok, EncodeError>;
        type SerializeTupleVariant = Impossible<$ok, EncodeError>;
        type SerializeMap = Impossible<$ok, EncodeError>;
        type SerializeStruct = Impossible<$ok, EncodeError>;
        type SerializeStructVariant = Impossible<$ok, EncodeError>;

        refuse!($ok, $error:
            serialize_f32(f32) serialize_f64(f64) serialize_bytes(&[u8])
            serialize_none() serialize_unit() serialize_unit_struct(&'static str));
        refuse!(Impossible<$ok, EncodeError>, $error:
            serialize_seq(Option<usize>) serialize_tuple(usize)
            serialize_tuple_struct(&'static str, usize)
            serialize_tuple_variant(&'static str, u32, &'static str, usize)
            serialize_map(Option<usize>) serialize_struct(&'static str, usize)
            serialize_struct_variant(&'static str, u32, &'static str, usize));

        fn serialize_newtype_variant<T: ?Sized + Serialize>(
            self,
            _name: &'static str,
            _index: u32,
            _variant: &'static str,
            _value: &T,
        ) -> Result<$ok, EncodeError> {
            Err(EncodeError::$error())
        }

        fn serialize_newtype_struct<T: ?Sized + Serialize>(
            self,
            _name: &'static str,
            value: &T,
        ) -> Result<$ok, EncodeError> {
            value.serialize(self)
        }

        fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<$ok, EncodeError> {
            value.serialize(self)
        }
    };
}

impl Serializer for KeySerializer<'_> {
    refuse_compound!((), bad_key);

    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        write_str(self.0, value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), EncodeError> {
        self.serialize_str(variant)
    }

    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        self.serialize_str(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), EncodeError> {
        self.quoted(|out| write_i64(out, value))
    }

    fn serialize_i128(self, value: i128) -> Result<(), EncodeError> {
        self.serialize_str(&value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), EncodeError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), EncodeError> {
        self.quoted(|out| write_u64(out, value))
    }

    fn serialize_u128(self, value: u128) -> Result<(), EncodeError> {
        self.serialize_str(&value.to_string())
    }
}

impl Serializer for TokenSerializer {
    refuse_compound!(Token, not_a_token);
    refuse!(Token, not_a_token:
        serialize_bool(bool) serialize_char(char) serialize_str(&str)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_i128(i128) serialize_u8(u8) serialize_u16(u16) serialize_u64(u64)
        serialize_u128(u128) serialize_unit_variant(&'static str, u32, &'static str));

    fn serialize_u32(self, value: u32) -> Result<Token, EncodeError> {
        Ok(Token(value))
    }
}
