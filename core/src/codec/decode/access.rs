use std::borrow::Cow;
use std::ops::Range;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::key::KeyDecoder;
use super::{DecodeError, Decoder};
use crate::json::{self, Kind, View};
use crate::normal::{is_forbidden_key, is_own_slot};

/// The elements of an array.
pub(super) struct Elements<'a> {
    parent: Decoder<'a>,
    /// The tape indexes of the elements that are left.
    at: u32,
    end: u32,
    index: u32,
}

impl<'a> Elements<'a> {
    pub(super) fn new(parent: Decoder<'a>, array: View<'a>) -> Self {
        let Range { start, end } = array.contents();
        Elements { parent, at: start, end, index: 0 }
    }

    fn advance(&mut self) -> Option<View<'a>> {
        let element = self.parent.view.at(self.at);
        if self.at >= self.end {
            return None;
        }
        self.at = element.next_index();
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

impl<'a> SeqAccess<'a> for &mut Elements<'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(view) = self.advance() else { return Ok(None) };
        match seed.deserialize(self.parent.child(view)) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.in_element(self.index - 1)),
        }
    }
}

/// The elements of a form behind its name. Messages do not count them.
pub(super) struct Parameters<'a> {
    form: Decoder<'a>,
    rest: json::Elements<'a>,
}

impl<'a> Parameters<'a> {
    pub(super) fn new(form: Decoder<'a>) -> Self {
        let mut rest = form.view.elements();
        rest.next();
        Parameters { form, rest }
    }
}

impl<'a> SeqAccess<'a> for Parameters<'a> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.rest.next().map(|view| seed.deserialize(self.form.child(view))).transpose()
    }
}

/// The properties of an object.
pub(super) struct Members<'a> {
    parent: Decoder<'a>,
    /// The tape indexes of what is left.
    at: u32,
    end: u32,
    /// That of the key at hand. Its value stands behind it.
    key: u32,
}

impl<'a> Members<'a> {
    pub(super) fn new(parent: Decoder<'a>) -> Self {
        let is_object = parent.view.kind() == Kind::Object;
        let Range { start, end } = parent.view.contents();
        Members { parent, at: start, end: if is_object { end } else { start }, key: start }
    }

    fn advance(&mut self) -> Option<View<'a>> {
        while self.at < self.end {
            let key = self.parent.view.at(self.at);
            (self.key, self.at) = (self.at, self.parent.view.at(self.at + 1).next_index());
            if !is_skipped(key) {
                return Some(key);
            }
        }
        None
    }

    fn value(&self) -> Decoder<'a> {
        self.parent.child(self.parent.view.at(self.key + 1))
    }

    #[cold]
    fn locate(&self, error: DecodeError) -> DecodeError {
        error.in_member(self.parent.view.at(self.key).as_str().as_deref())
    }
}

fn is_skipped(key: View<'_>) -> bool {
    key.has_outstanding() && key.as_str().is_some_and(|key| is_forbidden_key(&key))
}

impl<'a> MapAccess<'a> for Members<'a> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let Some(key) = self.advance() else { return Ok(None) };
        seed.deserialize(KeyDecoder(key)).map(Some)
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
pub(super) struct ErrorFields<'a> {
    error: Decoder<'a>,
    /// 0 and 1: at `name` and `message`; 2: in the properties.
    at: usize,
    props: Members<'a>,
}

impl<'a> ErrorFields<'a> {
    pub(super) fn new(error: Decoder<'a>) -> Self {
        let props = Decoder { view: error.part(4).unwrap_or(View::nothing()), ..error };
        ErrorFields { error, at: 0, props: Members::new(props) }
    }

    /// The next property that does not repeat what the error itself has.
    fn advance(&mut self) -> Option<View<'a>> {
        loop {
            let key = self.props.advance()?;
            if !is_own_slot(&key.as_str().unwrap_or(Cow::Borrowed("name"))) {
                return Some(key);
            }
        }
    }
}

impl<'a> MapAccess<'a> for ErrorFields<'a> {
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
                Some(key) => seed.deserialize(KeyDecoder(key)).map(Some),
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
