use std::borrow::Cow;

use serde::de::value::{
    BorrowedStrDeserializer, StringDeserializer, U8Deserializer, UnitDeserializer,
};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::{DecodeError, Decoder, Form};
use crate::codec::text::error_props;
use crate::normal::Cuts;

/// A capability as types see it that take anything: a map of a unit to the number of the hole.
/// Serde's buffers keep it, however many newtypes are around; keys of the peer's are strings, so
/// that nothing else passes as a capability.
pub(super) struct Hole {
    number: u32,
    is_done: bool,
}

impl Hole {
    pub(super) fn new(decoder: Decoder<'_, '_>) -> Self {
        Hole { number: decoder.hole().unwrap_or_default(), is_done: false }
    }
}

impl<'a> MapAccess<'a> for Hole {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        match std::mem::replace(&mut self.is_done, true) {
            true => Ok(None),
            false => seed.deserialize(UnitDeserializer::<DecodeError>::new()).map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        seed.deserialize(IntoDeserializer::<DecodeError>::into_deserializer(self.number))
    }
}

/// A value with its form as the variant of an enum.
pub(super) struct Dynamic<'s, 'a>(pub(super) Decoder<'s, 'a>);

impl<'a> EnumAccess<'a> for Dynamic<'_, 'a> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        let form = U8Deserializer::<DecodeError>::new(self.0.form() as u8);
        seed.deserialize(form).map(|form| (form, self))
    }
}

impl<'a> VariantAccess<'a> for Dynamic<'_, 'a> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'a>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.0.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.0.deserialize_struct("", fields, visitor)
    }
}

/// The four parts of an error: kind, message, stack or null, props as text.
pub(super) struct ErrorParts<'s, 'a> {
    error: Decoder<'s, 'a>,
    at: usize,
}

impl<'s, 'a> ErrorParts<'s, 'a> {
    pub(super) fn new(error: Decoder<'s, 'a>) -> Self {
        ErrorParts { error, at: 0 }
    }

    /// The stack, if it is one.
    fn stack(&self) -> Decoder<'s, 'a> {
        match self.error.literal_part(3) {
            stack if stack.form() == Form::String => stack,
            _ => self.error.absent(),
        }
    }
}

impl<'a> SeqAccess<'a> for ErrorParts<'_, 'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.at += 1;
        match self.at {
            1 | 2 => seed.deserialize(self.error.literal_part(self.at)).map(Some),
            3 => seed.deserialize(self.stack()).map(Some),
            4 => {
                let props = self.error.part(4).map(error_props).unwrap_or_default();
                seed.deserialize(StringDeserializer::new(props)).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// An expression as text, interrupted by its capabilities.
pub(super) struct Pieces<'s, 'a> {
    decoder: Decoder<'s, 'a>,
    /// Made once: there may be as many pieces as values.
    cuts: Cuts,
    /// Where the rest of the text begins.
    from: usize,
    /// The capabilities in it.
    holes: &'a [u32],
    is_text_next: bool,
    is_done: bool,
}

impl<'s, 'a> Pieces<'s, 'a> {
    pub(super) fn new(decoder: Decoder<'s, 'a>) -> Self {
        let (view, holes) = (decoder.view(), decoder.source.holes);
        let count = |end: u32| holes.partition_point(|&hole| hole < end);
        let inside = count(view.index())..count(view.next_index());
        let holes = holes.get(inside).unwrap_or_default();
        let cuts = if decoder.is_list() { Cuts::of_list(view) } else { Cuts::of(view) };
        Pieces { decoder, cuts, from: view.start(), holes, is_text_next: true, is_done: false }
    }

    fn next_text(&mut self) -> Cow<'a, str> {
        if self.decoder.is_absent() {
            self.is_done = true;
            return Cow::Borrowed(r#"["undefined"]"#);
        }
        let view = self.decoder.view();
        // What stays behind takes its capabilities along.
        while let Some((&hole, rest)) = self.holes.split_first()
            && self.cuts.contain(view.at(hole).start())
        {
            self.holes = rest;
        }
        let to = match self.holes.first() {
            Some(&hole) => view.at(hole).start(),
            None => view.end(),
        };
        self.is_done = self.holes.is_empty();
        let mut piece = String::new();
        self.cuts.copy(&mut piece, view.text(), self.from..to);
        Cow::Owned(piece)
    }
}

impl<'a> SeqAccess<'a> for Pieces<'_, 'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        if self.is_text_next {
            if self.is_done {
                return Ok(None);
            }
            self.is_text_next = false;
            return match self.next_text() {
                Cow::Borrowed(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
                Cow::Owned(text) => seed.deserialize(StringDeserializer::new(text)),
            }
            .map(Some);
        }
        let Some((&hole, rest)) = self.holes.split_first() else { return Ok(None) };
        let capability = self.decoder.child(hole);
        (self.from, self.holes, self.is_text_next) = (capability.view().end(), rest, true);
        seed.deserialize(capability).map(Some)
    }
}
