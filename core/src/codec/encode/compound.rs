use serde::{Serialize, ser};

use super::key::KeySerializer;
use super::{EncodeError, Encoder, Mode};
use crate::json::write_key;

/// A sequence or object being written.
#[derive(Debug)]
pub struct Compound<'e, 'p> {
    encoder: &'e mut Encoder<'p>,
    brackets: Brackets,
    /// How the elements are written.
    inner: Mode,
    is_first: bool,
    in_variant: bool,
}

/// What is around the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brackets {
    Nothing,
    Array,
    Escaped,
    Object,
}

/// What a value that is no scalar gets to be written on at first, in bytes: most take less, and
/// growing to it from nothing would be five steps.
const FIRST_BYTES: usize = 256;

impl<'e, 'p> Compound<'e, 'p> {
    #[inline(never)]
    pub(super) fn open(encoder: &'e mut Encoder<'p>, brackets: Brackets) -> Self {
        let text = encoder.text();
        if text.is_empty() {
            text.reserve(FIRST_BYTES);
        }
        match brackets {
            Brackets::Nothing => {}
            Brackets::Array => text.push('['),
            Brackets::Escaped => text.push_str("[["),
            Brackets::Object => text.push('{'),
        }
        encoder.levels += 1;
        Compound { encoder, brackets, inner: Mode::Value, is_first: true, in_variant: false }
    }

    /// Without brackets, as part of what is being written.
    pub(super) fn inline(encoder: &'e mut Encoder<'p>, inner: Mode) -> Self {
        let brackets = Brackets::Nothing;
        Compound { encoder, brackets, inner, is_first: true, in_variant: false }
    }

    /// The contents of `{"variant":…}`.
    pub(super) fn inside_variant(mut self) -> Self {
        self.in_variant = true;
        self
    }

    fn is_inline(&self) -> bool {
        self.brackets == Brackets::Nothing
    }

    #[inline]
    fn separate(&mut self) -> Result<(), EncodeError> {
        if self.is_first {
            self.is_first = false;
            self.encoder.check_depth()?;
        } else if self.inner != Mode::Text {
            self.encoder.text().push(',');
        }
        self.encoder.mode = self.inner;
        Ok(())
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.separate()?;
        value.serialize(&mut *self.encoder)
    }

    #[inline(never)]
    fn key(&mut self, key: &str) -> Result<(), EncodeError> {
        self.separate()?;
        if !self.is_inline() {
            write_key(self.encoder.text(), key);
        }
        Ok(())
    }

    fn member<T: ?Sized + Serialize>(&mut self, key: &str, value: &T) -> Result<(), EncodeError> {
        self.key(key)?;
        value.serialize(&mut *self.encoder)
    }

    fn close(self) -> Result<(), EncodeError> {
        let text = self.encoder.text();
        match self.brackets {
            Brackets::Nothing => {}
            Brackets::Array => text.push(']'),
            Brackets::Escaped => text.push_str("]]"),
            Brackets::Object => text.push('}'),
        }
        if self.in_variant {
            text.push('}');
        }
        self.encoder.mode = Mode::Value;
        let levels = usize::from(!self.is_inline()) + usize::from(self.in_variant);
        self.encoder.levels = self.encoder.levels.saturating_sub(levels);
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
