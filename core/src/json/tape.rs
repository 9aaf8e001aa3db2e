use std::fmt;

use super::plain::plain_prefix;

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
    /// Tape index behind the value and all it contains.
    pub(super) next: u32,
    pub(super) kind: Kind,
    /// For strings: has a backslash. For a root that is none: white space stands between the tokens.
    pub(super) escaped: bool,
}

/// A container whose end was not seen yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    index: u32,
    is_array: bool,
}

/// The values of one JSON text in the order of their first bytes, containers before contents.
///
/// A tape borrows nothing and is meant to be reused: its memory grows to the largest message.
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
    open: Vec<Open>,
}

/// Why a text is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    what: &'static str,
    offset: u32,
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
        self.nodes.clear();
        self.open.clear();
        if text.len() > i32::MAX as usize {
            return Err(SyntaxError { what: "text too long", offset: 0 });
        }
        let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, spaced: false };
        let result = scanner.document(&mut self.nodes, &mut self.open, max_depth);
        if let Some(root) = self.nodes.first_mut()
            && root.kind != Kind::String
        {
            root.escaped = scanner.spaced;
        }
        result.map_err(|what| {
            self.nodes.clear();
            SyntaxError { what, offset: scanner.at as u32 }
        })
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

type Scan<T = ()> = Result<T, &'static str>;

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    spaced: bool,
}

impl Scanner<'_> {
    fn document(&mut self, nodes: &mut Vec<Node>, open: &mut Vec<Open>, depth: usize) -> Scan {
        loop {
            // At the start of a value.
            self.skip_space();
            let index = nodes.len() as u32;
            let start = self.at as u32;
            let (kind, escaped) = self.token()?;
            nodes.push(Node { start, end: self.at as u32, next: index + 1, kind, escaped });
            if matches!(kind, Kind::Array | Kind::Object) {
                if open.len() >= depth {
                    return Err("nested too deep");
                }
                open.push(Open { index, is_array: kind == Kind::Array });
                if self.opens(kind, nodes)? {
                    continue;
                }
                self.close(nodes, open);
            }
            if !self.separates(nodes, open)? {
                break;
            }
        }
        self.skip_space();
        if self.at < self.bytes.len() { Err("trailing characters") } else { Ok(()) }
    }

    /// Behind an opening bracket: whether a value follows. Reads the first key of an object.
    fn opens(&mut self, kind: Kind, nodes: &mut Vec<Node>) -> Scan<bool> {
        self.skip_space();
        match (kind, self.peek()) {
            (Kind::Array, Some(b']')) | (Kind::Object, Some(b'}')) => {
                self.at += 1;
                Ok(false)
            }
            (Kind::Object, _) => self.key(nodes).map(|()| true),
            _ => Ok(true),
        }
    }

    /// Behind a value: closes containers until another value follows. False at the end.
    fn separates(&mut self, nodes: &mut Vec<Node>, open: &mut Vec<Open>) -> Scan<bool> {
        while let Some(&Open { is_array, .. }) = open.last() {
            self.skip_space();
            match (self.peek(), is_array) {
                (Some(b','), true) => {
                    self.at += 1;
                    return Ok(true);
                }
                (Some(b','), false) => {
                    self.at += 1;
                    self.skip_space();
                    return self.key(nodes).map(|()| true);
                }
                (Some(b']'), true) | (Some(b'}'), false) => {
                    self.at += 1;
                    self.close(nodes, open);
                }
                (None, _) => return Err("unexpected end"),
                (_, true) => return Err("expected `,` or `]`"),
                (_, false) => return Err("expected `,` or `}`"),
            }
        }
        Ok(false)
    }

    fn close(&self, nodes: &mut [Node], open: &mut Vec<Open>) {
        let next = nodes.len() as u32;
        if let Some(node) = open.pop().and_then(|open| nodes.get_mut(open.index as usize)) {
            node.end = self.at as u32;
            node.next = next;
        }
    }

    fn key(&mut self, nodes: &mut Vec<Node>) -> Scan {
        let (index, start) = (nodes.len() as u32, self.at as u32);
        if self.peek() != Some(b'"') {
            return Err("expected a key");
        }
        self.at += 1;
        let escaped = self.string()?;
        let end = self.at as u32;
        nodes.push(Node { start, end, next: index + 1, kind: Kind::String, escaped });
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err("expected `:`");
        }
        self.at += 1;
        Ok(())
    }

    fn token(&mut self) -> Scan<(Kind, bool)> {
        let byte = self.peek().ok_or("unexpected end")?;
        self.at += 1;
        match byte {
            b'"' => self.string().map(|escaped| (Kind::String, escaped)),
            b'[' => Ok((Kind::Array, false)),
            b'{' => Ok((Kind::Object, false)),
            b'-' | b'0'..=b'9' => self.number(byte).map(|()| (Kind::Number, false)),
            b't' => self.word(b"rue").map(|()| (Kind::True, false)),
            b'f' => self.word(b"alse").map(|()| (Kind::False, false)),
            b'n' => self.word(b"ull").map(|()| (Kind::Null, false)),
            _ => {
                self.at -= 1;
                Err("expected a value")
            }
        }
    }

    fn word(&mut self, rest: &[u8]) -> Scan {
        match self.bytes.get(self.at..) {
            Some(bytes) if bytes.starts_with(rest) => {
                self.at += rest.len();
                Ok(())
            }
            _ => Err("expected a value"),
        }
    }

    /// Behind the opening quote; true if there are escapes.
    fn string(&mut self) -> Scan<bool> {
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += plain_prefix(rest);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                    escaped = true;
                }
                Some(_) => return Err("control character in a string"),
                None => return Err("unexpected end"),
            }
        }
    }

    fn escape(&mut self) -> Scan {
        let byte = self.peek().ok_or("unexpected end")?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.bytes.get(self.at..self.at + 4) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => {
                    self.at += 4;
                    Ok(())
                }
                _ => Err("bad escape"),
            },
            _ => Err("bad escape"),
        }
    }

    /// Behind the first character of a number.
    fn number(&mut self, first: u8) -> Scan {
        let leading = if first == b'-' {
            let digit = self.peek().filter(u8::is_ascii_digit).ok_or("bad number")?;
            self.at += 1;
            digit
        } else {
            first
        };
        if leading != b'0' {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(())
    }

    fn some_digits(&mut self) -> Scan {
        if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.digits();
            Ok(())
        } else {
            Err("bad number")
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.spaced = true;
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}
