//! The codec and the JSON under it, as tables.

mod arguments;
mod attributes;
mod capabilities;
mod dynamic;
mod errors;
mod everywhere;
mod fetch;
mod formats;
mod json;
mod misfits;
mod numbers;
mod page;
mod slot;
mod values;
mod web;
mod with;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use topsail_core::codec::{DecodeError, decode, encode};
use topsail_core::json::Tape;

/// Decodes wire text that holds no capabilities.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    let mut tape = Tape::default();
    tape.parse(text, 2048).unwrap();
    decode(tape.view(text), &[])
}

fn write<T: Serialize + ?Sized>(value: &T) -> String {
    encode(value).unwrap().text().to_owned()
}

/// The text decodes to the value, and the value is encoded as the text.
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str, value: T) {
    assert_eq!(write(&value), text);
    reads(text, value);
}

/// The text decodes to the value.
fn reads<T: DeserializeOwned + PartialEq + Debug>(text: &str, value: T) {
    assert_eq!(read::<T>(text).as_ref(), Ok(&value), "{text}");
}

/// The text does not decode to the type, with a message.
fn misfit<T: DeserializeOwned + Debug>(text: &str, message: &str) {
    match read::<T>(text) {
        Ok(value) => panic!("{text} was read as {value:?}"),
        Err(error) => assert_eq!(error.to_string(), message, "{text}"),
    }
}
