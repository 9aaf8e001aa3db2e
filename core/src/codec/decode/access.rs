use std::borrow::Cow;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::key::KeyDecoder;
use super::{DecodeError, Decoder};
use crate::json::{self, View};
use crate::normal::{is_forbidden_key, is_own_slot};

/// The elements of an array.
pub(super) struct Elements<'a> {
    parent: Decoder<'a>,
    elements: json::Elements<'a>,
    index: u32,
}

impl<'a> Elements<'a> {
    pub(super) fn new(parent: Decoder<'a>, array: View<'a>) -> Self {
        Elements { parent, elements: array.elements(), index: 0 }
    }

    /// Checks that no elements are left.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        match self.elements.count() {
            0 => Ok(()),
            rest => Err(too_many(self.index as usize, self.index as usize + rest)),
        }
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
        let Some(view) = self.elements.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        match seed.deserialize(self.parent.child(view)) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.in_element(index)),
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
    members: json::Members<'a>,
    key: View<'a>,
    value: View<'a>,
}

impl<'a> Members<'a> {
    pub(super) fn new(parent: Decoder<'a>) -> Self {
        let nothing = View::nothing();
        Members { parent, members: parent.view.members(), key: nothing, value: nothing }
    }

    fn advance(&mut self) -> Option<View<'a>> {
        loop {
            let (key, value) = self.members.next()?;
            if !is_skipped(key) {
                (self.key, self.value) = (key, value);
                return Some(key);
            }
        }
    }

    #[cold]
    fn locate(&self, error: DecodeError) -> DecodeError {
        error.in_member(self.key.as_str().as_deref())
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
        match seed.deserialize(self.parent.child(self.value)) {
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
