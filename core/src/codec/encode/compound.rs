use serde::{Serialize, ser};

use super::key::KeySerializer;
use super::{EncodeError, Encoder, Mode};
use crate::json::write_str;

/// A sequence or object being written.
#[derive(Debug)]
pub struct Compound<'e, 'p> {
    encoder: &'e mut Encoder<'p>,
    close: &'static str,
    /// How the elements are written.
    inner: Mode,
    is_first: bool,
    in_variant: bool,
}

impl<'e, 'p> Compound<'e, 'p> {
    pub(super) fn open(
        encoder: &'e mut Encoder<'p>,
        open: &'static str,
        close: &'static str,
    ) -> Self {
        encoder.push(open);
        encoder.levels += 1;
        Compound { encoder, close, inner: Mode::Value, is_first: true, in_variant: false }
    }

    /// Without brackets, as part of what is being written.
    pub(super) fn inline(encoder: &'e mut Encoder<'p>, inner: Mode) -> Self {
        Compound { encoder, close: "", inner, is_first: true, in_variant: false }
    }

    /// The contents of `{"variant":…}`.
    pub(super) fn inside_variant(mut self) -> Self {
        self.in_variant = true;
        self
    }

    fn is_inline(&self) -> bool {
        self.close.is_empty()
    }

    fn separate(&mut self) -> Result<(), EncodeError> {
        self.encoder.check_depth()?;
        if !self.is_first && self.inner != Mode::Text {
            self.encoder.text().push(',');
        }
        self.is_first = false;
        self.encoder.mode = self.inner;
        Ok(())
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.separate()?;
        value.serialize(&mut *self.encoder)
    }

    fn key(&mut self, key: &str) -> Result<(), EncodeError> {
        self.separate()?;
        if !self.is_inline() {
            let text = self.encoder.text();
            write_str(text, key);
            text.push(':');
        }
        Ok(())
    }

    fn member<T: ?Sized + Serialize>(&mut self, key: &str, value: &T) -> Result<(), EncodeError> {
        self.key(key)?;
        value.serialize(&mut *self.encoder)
    }

    fn close(self) -> Result<(), EncodeError> {
        self.encoder.push(self.close);
        self.encoder.mode = Mode::Value;
        let levels = usize::from(!self.is_inline()) + usize::from(self.in_variant);
        self.encoder.levels = self.encoder.levels.saturating_sub(levels);
        if self.in_variant {
            self.encoder.push("}");
        }
        Ok(())
    }
}

impl ser::SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeTuple for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeTupleStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeTupleVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.separate()?;
        let text = self.encoder.text();
        key.serialize(KeySerializer::new(text))?;
        text.push(':');
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}

impl ser::SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.close()
    }
}
