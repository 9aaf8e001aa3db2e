use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Expected, VariantAccess, Visitor};

use super::access::Members;
use super::key::KeyDecoder;
use super::{DecodeError, Decoder};
use crate::json::Kind;

/// A variant of an enum: `"variant"` or `{"variant": value}`, as `serde_json` has it.
pub(super) struct Tagged<'s, 'a> {
    key: Decoder<'s, 'a>,
    value: Option<Decoder<'s, 'a>>,
}

impl<'s, 'a> Tagged<'s, 'a> {
    pub(super) fn of(decoder: Decoder<'s, 'a>) -> Option<Self> {
        match decoder.kind() {
            Kind::String => Some(Tagged { key: decoder, value: None }),
            Kind::Object => {
                let mut members = Members::new(decoder);
                let (key, value) = members.next_member()?;
                let is_single = members.next_member().is_none();
                is_single.then_some(Tagged { key, value: Some(value) })
            }
            _ => None,
        }
    }

    /// The value of the variant.
    fn content(&self, expected: &dyn Expected) -> Result<Decoder<'s, 'a>, DecodeError> {
        self.value.ok_or_else(|| DecodeError::misfit(expected, "a string"))
    }

    #[cold]
    fn locate(&self, error: DecodeError) -> DecodeError {
        error.in_member(self.key.view().as_str().as_deref())
    }
}

impl<'a> EnumAccess<'a> for Tagged<'_, 'a> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        seed.deserialize(KeyDecoder::new(self.key)).map(|variant| (variant, self))
    }
}

impl<'a> VariantAccess<'a> for Tagged<'_, 'a> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.value {
            Some(value) if !value.is_nullish() => {
                let found = value.form().name();
                Err(self.locate(DecodeError::misfit(&"unit", found)))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        let content = self.content(&"an object with one property")?;
        content.inside(|| seed.deserialize(content)).map_err(|error| self.locate(error))
    }

    fn tuple_variant<V: Visitor<'a>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let content = self.content(&"an object with one property")?;
        content.deserialize_tuple(len, visitor).map_err(|error| self.locate(error))
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let content = self.content(&"an object with one property")?;
        content.deserialize_struct("", fields, visitor).map_err(|error| self.locate(error))
    }
}
