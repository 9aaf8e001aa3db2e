use serde::{Serialize, Serializer};

use super::{Compound, EncodeError, Encoder, Mode, SAFE};
use crate::Payload;
use crate::base64;
use crate::codec::names;
use crate::json::{write_f32, write_f64, write_i64, write_str, write_u64};

impl<'e, 'p> Serializer for &'e mut Encoder<'p> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Compound<'e, 'p>;
    type SerializeTuple = Compound<'e, 'p>;
    type SerializeTupleStruct = Compound<'e, 'p>;
    type SerializeTupleVariant = Compound<'e, 'p>;
    type SerializeMap = Compound<'e, 'p>;
    type SerializeStruct = Compound<'e, 'p>;
    type SerializeStructVariant = Compound<'e, 'p>;

    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        self.push(if value { "true" } else { "false" });
        Ok(())
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
        if value.unsigned_abs() > SAFE {
            let mut digits = String::new();
            write_i64(&mut digits, value);
            self.bigint(&digits);
        } else {
            write_i64(self.text(), value);
        }
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), EncodeError> {
        self.bigint(&value.to_string());
        Ok(())
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
        if value > SAFE {
            let mut digits = String::new();
            write_u64(&mut digits, value);
            self.bigint(&digits);
        } else {
            write_u64(self.text(), value);
        }
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), EncodeError> {
        self.bigint(&value.to_string());
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), EncodeError> {
        if value.is_finite() {
            write_f32(self.text(), value);
            Ok(())
        } else {
            self.serialize_f64(value.into())
        }
    }

    fn serialize_f64(self, value: f64) -> Result<(), EncodeError> {
        if value.is_finite() {
            write_f64(self.text(), value);
        } else if value.is_nan() {
            self.push(r#"["nan"]"#);
        } else {
            self.push(if value > 0.0 { r#"["inf"]"# } else { r#"["-inf"]"# });
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        match self.mode {
            Mode::Text => self.push(value),
            _ => write_str(self.text(), value),
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), EncodeError> {
        if self.is_whole() {
            *self.out = Payload::list_of_bytes(value.to_vec());
            return Ok(());
        }
        let (open, close) = match self.mode {
            Mode::Bare => ("\"", "\""),
            _ => ("[\"bytes\",\"", "\"]"),
        };
        self.push(open);
        base64::encode(self.text(), value);
        self.push(close);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), EncodeError> {
        self.push("null");
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), EncodeError> {
        let text = if self.take_mode() == Mode::List { "[]" } else { r#"["undefined"]"# };
        self.push(text);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), EncodeError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), EncodeError> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        match names::reserved(name) {
            None => value.serialize(self),
            Some(tag) => self.reserved(name, tag, value),
        }
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.levels -= 1;
        self.text().push('}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'e, 'p>, EncodeError> {
        Ok(self.array())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Compound<'e, 'p>, EncodeError> {
        Ok(self.array())
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 'p>, EncodeError> {
        Ok(self.array())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 'p>, EncodeError> {
        self.variant(variant)?;
        Ok(self.array().inside_variant())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'e, 'p>, EncodeError> {
        self.object()
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 'p>, EncodeError> {
        self.object()
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'e, 'p>, EncodeError> {
        self.variant(variant)?;
        Ok(self.object()?.inside_variant())
    }
}
