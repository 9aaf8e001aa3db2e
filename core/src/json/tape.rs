use std::fmt;
use std::ops::Range;

use super::scanner;

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// A number, not decoded.
    Number,
    /// A string, not unescaped. Object keys are strings too.
    String,
    /// An array.
    Array,
    /// An object; keys and values alternate.
    Object,
}

/// One value of a message: where its text stands, and where the next sibling is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Byte offset of the first byte of the value's text.
    pub(super) start: u32,
    /// Byte offset behind its last byte.
    pub(super) end: u32,
    /// Tape index behind the value and all it contains. While a container is being parsed: that of
    /// the container around it.
    pub(super) next: u32,
    pub(super) kind: Kind,
    pub(super) flags: u8,
    /// Of the first node: how deep containers nest in it, or [`u16::MAX`] and deeper.
    pub(super) depth: u16,
}

/// Of a string: it has a backslash.
pub(super) const ESCAPED: u8 = 1;
/// Of a number: it may be beyond the doubles.
pub(super) const LARGE: u8 = 1;
/// Of an array: it is the first thing in one that may be an escape around it. Of the first node: the
/// text is a plain list of expressions.
pub(super) const INNER: u8 = 8;
/// Of an array that is an expression and no escape, and of a number that is [`LARGE`].
pub(super) const FORM: u8 = 16;
/// Of the first node: white space stands between the tokens.
pub(super) const SPACED: u8 = 2;
/// Of the first node: there are strings that [`stands_out`](crate::normal::stands_out) tells of.
pub(super) const OUTSTANDING: u8 = 4;

/// The values of one JSON text in the order of their first bytes, containers before contents.
///
/// A tape borrows nothing and is meant to be reused: it keeps its memory from message to message.
///
/// ```
/// use topsail_core::json::{Kind, Tape};
///
/// let text = r#"["pull", 1]"#;
/// let mut tape = Tape::default();
/// tape.parse(text, 16)?;
/// let kinds: Vec<_> = tape.view(text).elements().map(|element| element.kind()).collect();
/// assert_eq!(kinds, [Kind::String, Kind::Number]);
/// # Ok::<(), topsail_core::json::SyntaxError>(())
/// ```
#[derive(Debug, Default)]
pub struct Tape {
    pub(super) nodes: Vec<Node>,
}

/// Why a text is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub(super) what: &'static str,
    pub(super) offset: u32,
}

impl SyntaxError {
    /// The byte offset at which the text stops being JSON.
    pub fn offset(&self) -> usize {
        self.offset as usize
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

impl Tape {
    /// Parses one JSON text (RFC 8259), replacing what the tape held.
    ///
    /// Strings are checked but not unescaped, numbers checked but not decoded.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, nests containers deeper than `max_depth`, or is 2 GiB or longer.
    /// The tape is then empty.
    pub fn parse(&mut self, text: &str, max_depth: usize) -> Result<(), SyntaxError> {
        self.parse_part(text, 0..text.len(), 0, max_depth)
    }

    /// Parses the plain list of expressions that stands at some bytes of a text. The view is to be
    /// taken of the whole.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(crate) fn parse_list(
        &mut self,
        text: &str,
        part: Range<usize>,
        max_depth: usize,
    ) -> Result<(), SyntaxError> {
        self.parse_part(text, part, INNER, max_depth)
    }

    fn parse_part(
        &mut self,
        text: &str,
        part: Range<usize>,
        flags: u8,
        max_depth: usize,
    ) -> Result<(), SyntaxError> {
        self.nodes.clear();
        if text.len() > i32::MAX as usize {
            return Err(SyntaxError { what: "text too long", offset: 0 });
        }
        let bytes = text.as_bytes().get(..part.end).unwrap_or_default();
        let result = scanner::scan(bytes, part.start, flags, &mut self.nodes, max_depth);
        result.inspect_err(|_| self.nodes.clear())
    }

    /// Gives its memory back, if that is for more values than so many.
    #[inline]
    pub(crate) fn trim(&mut self, most: usize) {
        if self.nodes.capacity() > most {
            *self = Tape::default();
        }
    }

    /// How many values it has memory for.
    #[cfg(feature = "peer")]
    pub(crate) fn capacity(&self) -> usize {
        self.nodes.capacity()
    }

    /// The number of values on the tape.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was parsed.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
