//! The tape against `serde_json`: which texts are JSON, and what they say.

use serde_json::Value;
use topsail_core::json::{Kind, Tape, View, write_f64, write_str};

const MAX_DEPTH: usize = 64;

/// Parses a text in both ways.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut tape = Tape::default();
    let parsed = tape.parse(text, MAX_DEPTH);
    match (parsed, serde_json::from_str::<Value>(text)) {
        (Ok(()), Ok(value)) => compare(tape.view(text), &value),
        (Err(_), Ok(value)) => assert!(depth(&value) > MAX_DEPTH, "not taken: {text}"),
        (Ok(()), Err(error)) => {
            assert!(is_taken(text, &error), "taken: {text}: {error}");
            read(tape.view(text));
        }
        (Err(_), Err(_)) => {}
    }
}

/// What `serde_json` refuses although it is JSON: numbers that are infinite as doubles, and halves of
/// surrogate pairs.
fn is_taken(text: &str, error: &serde_json::Error) -> bool {
    let has_surrogates = text.contains("\\ud") || text.contains("\\uD");
    has_surrogates || error.to_string().starts_with("number out of range")
}

/// Reads everything.
fn read(view: View<'_>) {
    match view.kind() {
        Kind::Array => view.elements().for_each(read),
        Kind::Object => view.members().for_each(|(key, value)| {
            read(key);
            read(value);
        }),
        Kind::String => drop(view.as_str()),
        Kind::Number => assert!(view.as_f64().is_some()),
        Kind::Null | Kind::False | Kind::True => {}
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn compare(view: View<'_>, value: &Value) {
    match value {
        Value::Null => assert_eq!(view.kind(), Kind::Null),
        Value::Bool(value) => {
            assert_eq!(view.kind(), if *value { Kind::True } else { Kind::False });
        }
        Value::Number(number) => compare_number(view, number.as_f64().expect("a double")),
        Value::String(string) => compare_string(view, string),
        Value::Array(elements) => {
            assert_eq!(view.elements().count(), elements.len());
            view.elements().zip(elements).for_each(|(view, value)| compare(view, value));
        }
        Value::Object(members) => {
            // Of equal keys `serde_json` keeps the last.
            let mut keys = std::collections::BTreeMap::new();
            for (key, value) in view.members() {
                keys.insert(key.as_str().expect("a string").into_owned(), value);
            }
            assert_eq!(keys.len(), members.len());
            keys.iter().for_each(|(key, &view)| compare(view, &members[key]));
        }
    }
}

fn compare_number(view: View<'_>, number: f64) {
    let read = view.as_f64().expect("a number");
    assert_eq!(read.to_bits(), number.to_bits(), "{}", view.raw());
    let mut written = String::new();
    write_f64(&mut written, read);
    if read.is_finite() {
        assert_eq!(written.parse(), Ok(read));
    }
}

fn compare_string(view: View<'_>, string: &str) {
    assert_eq!(view.as_str().as_deref(), Some(string));
    if let Some(plain) = view.plain_str() {
        assert_eq!(plain, string);
    }
    let mut written = String::new();
    write_str(&mut written, string);
    assert_eq!(serde_json::from_str::<String>(&written).ok().as_deref(), Some(string));
}
