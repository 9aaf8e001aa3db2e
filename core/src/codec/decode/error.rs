use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::json::{write_f64, write_i64, write_str, write_u64};

/// Why a value does not fit a type, and where in the value.
///
/// ```
/// use topsail_core::codec::decode;
/// use topsail_core::json::Tape;
///
/// let text = r#"{"tags":[["a",7]]}"#;
/// let mut tape = Tape::default();
/// tape.parse(text, 16)?;
/// let result: Result<std::collections::HashMap<String, Vec<String>>, _> =
///     decode(tape.view(text), &[]);
/// assert_eq!(result.unwrap_err().to_string(), "tags[1]: expected a string, found a number");
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    /// Steps in the order of the value: `.name`, `[3]`.
    path: String,
    message: String,
}

/// The longest key that is shown whole, in bytes.
const LONGEST_KEY: usize = 64;

impl DecodeError {
    /// An error at the value itself.
    #[cold]
    pub fn new(message: impl Into<String>) -> Self {
        DecodeError(Box::new(Inner { path: String::new(), message: message.into() }))
    }

    /// Where: properties and indexes, as `tags[2]`. Empty for the value itself.
    pub fn path(&self) -> &str {
        self.0.path.strip_prefix('.').unwrap_or(&self.0.path)
    }

    /// What is wrong there, as `expected a string, found a number`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    #[cold]
    pub(super) fn misfit(expected: &dyn Expected, found: &str) -> Self {
        let expected = expected.to_string();
        Self::new(["expected ", &in_plain_words(&expected), ", found ", found].concat())
    }

    #[cold]
    pub(super) fn not_one_of(variants: &[&str], found: &str) -> Self {
        let mut expected = String::from("expected ");
        for (at, variant) in variants.iter().enumerate() {
            expected.push_str(if at > 0 { ", " } else { "one of " });
            expected.push_str(&shortened(variant));
        }
        Self::new([&expected, ", found ", found].concat())
    }

    /// The same, seen from the array around.
    #[cold]
    pub(super) fn in_element(self, index: u32) -> Self {
        let mut step = String::from("[");
        write_u64(&mut step, index.into());
        step.push(']');
        self.inside(step)
    }

    /// The same, seen from the object around.
    #[cold]
    pub(super) fn in_member(self, key: Option<&str>) -> Self {
        match key {
            Some(key) if is_identifier(key) => self.inside([".", key].concat()),
            Some(key) => self.inside(["[", &shortened(key), "]"].concat()),
            None => self.inside(String::from("[?]")),
        }
    }

    fn inside(mut self, mut step: String) -> Self {
        step.push_str(&self.0.path);
        self.0.path = step;
        self
    }
}

fn is_identifier(key: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_$".contains(&byte);
    key.len() <= LONGEST_KEY
        && key.bytes().next().is_some_and(|first| !first.is_ascii_digit())
        && key.bytes().all(|byte| is_letter(byte) || !byte.is_ascii())
}

/// In quotes, and cut if it is long: texts of the peer must not make messages grow.
pub(super) fn shortened(text: &str) -> String {
    let mut quoted = String::new();
    match text.char_indices().nth(LONGEST_KEY) {
        Some((end, _)) => {
            write_str(&mut quoted, text.get(..end).unwrap_or_default());
            quoted.push('…');
        }
        None => write_str(&mut quoted, text),
    }
    quoted
}

/// What serde calls what it expects, in Rust's terms, and the same for a reader of the message,
/// who knows JavaScript's.
const PLAIN_WORDS: [(&str, &str); 22] = [
    ("u8", "an integer from 0 to 255"),
    ("u16", "an integer from 0 to 65535"),
    ("u32", "an integer from 0 to 4294967295"),
    ("u64", "an integer from 0 to 18446744073709551615"),
    ("usize", "an integer from 0 to 18446744073709551615"),
    ("i8", "an integer from -128 to 127"),
    ("i16", "an integer from -32768 to 32767"),
    ("i32", "an integer from -2147483648 to 2147483647"),
    ("i64", "an integer from -9223372036854775808 to 9223372036854775807"),
    ("isize", "an integer from -9223372036854775808 to 9223372036854775807"),
    ("u128", "an integer from 0"),
    ("i128", "an integer"),
    ("f32", "a number"),
    ("f64", "a number"),
    ("a character", "a string of one character"),
    ("a borrowed string", "a string without escapes"),
    ("byte array", "bytes"),
    ("a borrowed byte array", "bytes"),
    ("unit", "undefined"),
    ("a sequence", "an array"),
    ("a map", "an object"),
    ("an empty array", "an array of 0 elements"),
];

fn in_plain_words(expected: &str) -> Cow<'_, str> {
    match PLAIN_WORDS.iter().find(|(rust, _)| *rust == expected) {
        Some((_, plain)) => Cow::Borrowed(plain),
        None => compound_in_plain_words(expected),
    }
}

/// Those with a name or number in them: `struct User`, `a tuple of size 2`.
fn compound_in_plain_words(expected: &str) -> Cow<'_, str> {
    let mut words = expected.split_ascii_whitespace();
    let kinds = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match kinds {
        ("struct", _) => Cow::Borrowed("an object"),
        ("unit", _) => Cow::Borrowed("undefined"),
        ("enum", _) => Cow::Borrowed("a string or an object with one property"),
        ("tuple", _) | ("a", "tuple") | ("an", "array") => array_of(words),
        _ => Cow::Borrowed(expected),
    }
}

/// `tuple struct Pair with 2 elements`, `an array of length 2`: the number is all that matters.
fn array_of<'a>(mut words: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    match words.find(is_number) {
        Some("1") => Cow::Borrowed("an array of 1 element"),
        Some(count) => Cow::Owned(["an array of ", count, " elements"].concat()),
        None => Cow::Borrowed("an array"),
    }
}

/// The value, where the type is right.
fn value_found(found: Unexpected<'_>) -> String {
    let mut text = String::new();
    match found {
        Unexpected::Bool(value) => text.push_str(if value { "true" } else { "false" }),
        Unexpected::Unsigned(value) => write_u64(&mut text, value),
        Unexpected::Signed(value) => write_i64(&mut text, value),
        Unexpected::Float(value) => write_f64(&mut text, value),
        Unexpected::Char(value) => text = shortened(value.encode_utf8(&mut [0; 4])),
        Unexpected::Str(value) => text = shortened(value),
        other => text.push_str(kind_found(other)),
    }
    text
}

/// The kind, where it is wrong.
fn kind_found(found: Unexpected<'_>) -> &str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::UnitVariant => "a string",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit => "undefined",
        Unexpected::Option => "null",
        Unexpected::NewtypeStruct => "another kind of value",
        Unexpected::Seq | Unexpected::TupleVariant => "an array",
        Unexpected::Map
        | Unexpected::Enum
        | Unexpected::NewtypeVariant
        | Unexpected::StructVariant => "an object",
        Unexpected::Other(what) => what,
    }
}

impl de::Error for DecodeError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        DecodeError::new(message.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        DecodeError::misfit(expected, kind_found(found))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        DecodeError::misfit(expected, &value_found(found))
    }

    #[cold]
    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let unit = if length == 1 { " element" } else { " elements" };
        let mut found = String::new();
        write_u64(&mut found, length as u64);
        found.push_str(unit);
        DecodeError::misfit(expected, &found)
    }

    #[cold]
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        DecodeError::not_one_of(expected, &shortened(variant))
    }

    #[cold]
    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        DecodeError::new("unexpected property").in_member(Some(field))
    }

    #[cold]
    fn missing_field(field: &'static str) -> Self {
        DecodeError::new("missing").in_member(Some(field))
    }

    #[cold]
    fn duplicate_field(field: &'static str) -> Self {
        DecodeError::new("appears twice").in_member(Some(field))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            "" => f.write_str(self.message()),
            path => write!(f, "{path}: {}", self.message()),
        }
    }
}

impl std::error::Error for DecodeError {}
