use std::borrow::Cow;
use std::ops::Range;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::key::KeyDecoder;
use super::{DecodeError, Decoder};
use crate::json::{self, Kind, View};
use crate::normal::is_own_slot;

/// The elements of an array.
pub(super) struct Elements<'s, 'a> {
    parent: Decoder<'s, 'a>,
    /// The tape indexes of the elements that are left.
    at: u32,
    end: u32,
    index: u32,
}

impl<'s, 'a> Elements<'s, 'a> {
    pub(super) fn new(parent: Decoder<'s, 'a>, array: View<'a>) -> Self {
        let Range { start, end } = array.contents();
        Elements { parent, at: start, end, index: 0 }
    }

    #[inline]
    fn advance(&mut self) -> Option<Decoder<'s, 'a>> {
        if self.at >= self.end {
            return None;
        }
        let element = self.parent.child(self.at);
        self.at = element.view().next_index();
        self.index += 1;
        Some(element)
    }

    /// Checks that no elements are left.
    pub(super) fn finish(mut self) -> Result<(), DecodeError> {
        if self.at >= self.end {
            return Ok(());
        }
        let taken = self.index;
        while self.advance().is_some() {}
        Err(too_many(taken as usize, self.index as usize))
    }
}

/// More elements than the type took.
#[cold]
pub(super) fn too_many(expected: usize, found: usize) -> DecodeError {
    let expected = format!("an array of length {expected}");
    serde::de::Error::invalid_length(found, &expected.as_str())
}

impl<'a> SeqAccess<'a> for &mut Elements<'_, 'a> {
    type Error = DecodeError;

    #[inline(never)]
    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(element) = self.advance() else { return Ok(None) };
        match seed.deserialize(element) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.in_element(self.index - 1)),
        }
    }
}

/// The elements of a form behind its name. Messages do not count them.
pub(super) struct Parameters<'s, 'a> {
    form: Decoder<'s, 'a>,
    rest: json::Elements<'a>,
}

impl<'s, 'a> Parameters<'s, 'a> {
    pub(super) fn new(form: Decoder<'s, 'a>) -> Self {
        let mut rest = form.view().elements();
        rest.next();
        Parameters { form, rest }
    }
}

impl<'a> SeqAccess<'a> for Parameters<'_, 'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let parameter = self.rest.next().map(|view| self.form.child(view.index()));
        parameter.map(|parameter| seed.deserialize(parameter)).transpose()
    }
}

/// The properties of an object.
pub(super) struct Members<'s, 'a> {
    parent: Decoder<'s, 'a>,
    /// The tape indexes of what is left.
    at: u32,
    end: u32,
    /// That of the key at hand. Its value stands behind it.
    key: u32,
}

impl<'s, 'a> Members<'s, 'a> {
    pub(super) fn new(parent: Decoder<'s, 'a>) -> Self {
        let is_object = parent.kind() == Kind::Object;
        let Range { start, end } = parent.view().contents();
        Members { parent, at: start, end: if is_object { end } else { start }, key: start }
    }

    #[inline(never)]
    fn advance(&mut self) -> Option<KeyDecoder<'s, 'a>> {
        while self.at < self.end {
            let key = self.parent.child(self.at);
            (self.key, self.at) = (self.at, self.parent.child(self.at + 1).view().next_index());
            let key = KeyDecoder::new(key);
            if !key.is_skipped() {
                return Some(key);
            }
        }
        None
    }

    #[inline]
    fn value(&self) -> Decoder<'s, 'a> {
        self.parent.child(self.key + 1)
    }

    /// The next key and its value.
    pub(super) fn next_member(&mut self) -> Option<(Decoder<'s, 'a>, Decoder<'s, 'a>)> {
        self.advance()?;
        Some((self.parent.child(self.key), self.value()))
    }

    #[cold]
    fn locate(&self, error: DecodeError) -> DecodeError {
        error.in_member(self.parent.child(self.key).view().as_str().as_deref())
    }
}

impl<'a> MapAccess<'a> for Members<'_, 'a> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let Some(key) = self.advance() else { return Ok(None) };
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match seed.deserialize(self.value()) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.locate(error)),
        }
    }
}

/// An error as an object, for types that take anything: `name`, `message` and its own properties.
pub(super) struct ErrorFields<'s, 'a> {
    error: Decoder<'s, 'a>,
    /// 0 and 1: at `name` and `message`; 2: in the properties.
    at: usize,
    props: Members<'s, 'a>,
}

impl<'s, 'a> ErrorFields<'s, 'a> {
    pub(super) fn new(error: Decoder<'s, 'a>) -> Self {
        let props = match error.part(4) {
            Some(props) => error.child(props.index()),
            None => error.absent(),
        };
        ErrorFields { error, at: 0, props: Members::new(props) }
    }

    /// The next property that does not repeat what the error itself has.
    fn advance(&mut self) -> Option<KeyDecoder<'s, 'a>> {
        loop {
            let key = self.props.advance()?;
            if !is_own_slot(&key.as_str().unwrap_or(Cow::Borrowed("name"))) {
                return Some(key);
            }
        }
    }
}

impl<'a> MapAccess<'a> for ErrorFields<'_, 'a> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.at += 1;
        match self.at {
            1 => seed.deserialize(BorrowedStrDeserializer::new("name")).map(Some),
            2 => seed.deserialize(BorrowedStrDeserializer::new("message")).map(Some),
            _ => match self.advance() {
                Some(key) => seed.deserialize(key).map(Some),
                None => Ok(None),
            },
        }
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match self.at {
            1 | 2 => seed.deserialize(self.error.literal_part(self.at)),
            _ => self.props.next_value_seed(seed),
        }
    }
}
