use std::fmt;

use serde::de::{self, Expected, Unexpected};

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
        let expected = in_plain_words(expected.to_string());
        Self::new(format!("expected {expected}, found {found}"))
    }

    #[cold]
    pub(super) fn not_one_of(variants: &[&str], found: &str) -> Self {
        let mut expected = String::from("expected ");
        for (at, variant) in variants.iter().enumerate() {
            expected.push_str(if at > 0 { ", " } else { "one of " });
            expected.push_str(&shortened(variant));
        }
        Self::new(format!("{expected}, found {found}"))
    }

    /// The same, seen from the array around.
    #[cold]
    pub(super) fn in_element(self, index: u32) -> Self {
        self.inside(&format!("[{index}]"))
    }

    /// The same, seen from the object around.
    #[cold]
    pub(super) fn in_member(self, key: Option<&str>) -> Self {
        match key {
            Some(key) if is_identifier(key) => self.inside(&format!(".{key}")),
            Some(key) => self.inside(&format!("[{}]", shortened(key))),
            None => self.inside("[?]"),
        }
    }

    fn inside(mut self, step: &str) -> Self {
        self.0.path.insert_str(0, step);
        self
    }
}

fn is_identifier(key: &str) -> bool {
    key.len() <= LONGEST_KEY
        && !key.starts_with(|first: char| first.is_ascii_digit())
        && !key.is_empty()
        && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$')
}

/// In quotes, and cut if it is long: texts of the peer must not make messages grow.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_KEY) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// Serde describes what it expects in Rust's terms; the reader of the message knows JavaScript's.
fn in_plain_words(expected: String) -> String {
    let words = match expected.as_str() {
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "usize" => "an integer from 0 to 18446744073709551615",
        "i8" => "an integer from -128 to 127",
        "i16" => "an integer from -32768 to 32767",
        "i32" => "an integer from -2147483648 to 2147483647",
        "i64" | "isize" => "an integer from -9223372036854775808 to 9223372036854775807",
        "u128" => "an integer from 0",
        "i128" => "an integer",
        "f32" | "f64" => "a number",
        "a character" => "a string of one character",
        "a borrowed string" => "a string without escapes",
        "byte array" | "a borrowed byte array" => "bytes",
        "unit" => "undefined",
        "a sequence" => "an array",
        "a map" => "an object",
        _ => return compound_in_plain_words(expected),
    };
    words.to_owned()
}

fn compound_in_plain_words(expected: String) -> String {
    let count = |text: &str| match text {
        "1" => String::from("an array of 1 element"),
        _ => format!("an array of {text} elements"),
    };
    if let Some(length) = expected.strip_prefix("an array of length ") {
        return count(length);
    }
    if let Some(length) = expected.strip_prefix("a tuple of size ") {
        return count(length);
    }
    match expected.split_once(' ') {
        Some(("struct", _)) => String::from("an object"),
        Some(("unit", _)) => String::from("undefined"),
        Some(("tuple", rest)) => match rest.rsplit_once(" with ").map(|(_, rest)| rest) {
            Some(size) => count(size.split(' ').next().unwrap_or(size)),
            None => String::from("an array"),
        },
        Some(("enum", _)) => String::from("a string or an object with one property"),
        _ => expected,
    }
}

/// The value, where the type is right.
fn value_found(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => value.to_string(),
        Unexpected::Char(value) => shortened(value.encode_utf8(&mut [0; 4])),
        Unexpected::Str(value) => shortened(value),
        other => kind_found(other).to_owned(),
    }
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
        let plural = if length == 1 { "" } else { "s" };
        DecodeError::misfit(expected, &format!("{length} element{plural}"))
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
