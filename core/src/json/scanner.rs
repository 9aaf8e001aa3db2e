use std::cell::Cell;

use super::plain::plain_prefix;
use super::tape::{ESCAPED, FORM, INNER, Kind, LARGE, Node, OUTSTANDING, SPACED, SyntaxError};
use crate::normal::stands_out;

type Scan<T = ()> = Result<T, SyntaxError>;

/// Puts the values of a text, from an offset on, on an empty tape. `flags` are the first node's.
pub(super) fn scan(
    bytes: &[u8],
    start: usize,
    flags: u8,
    nodes: &mut Vec<Node>,
    max_depth: usize,
) -> Scan {
    let scanner = Scanner { bytes, flags: Cell::new(flags), depth: Cell::new(0) };
    let result = scanner.document(start, nodes, max_depth);
    if let Some(root) = nodes.first_mut() {
        root.flags |= scanner.flags.get();
        root.depth = u16::try_from(scanner.depth.get()).unwrap_or(u16::MAX);
    }
    result
}

/// Its functions take the offset at which they read and give that behind what they have read.
/// So it stays in a register.
struct Scanner<'a> {
    bytes: &'a [u8],
    /// For the first node.
    flags: Cell<u8>,
    depth: Cell<usize>,
}

/// The container that is being parsed. The ones around it stand in `next` of each, which is not
/// known before its end.
#[derive(Clone, Copy)]
struct Open {
    index: u32,
    kind: Kind,
    /// [`INNER`] or nothing.
    flags: u8,
    depth: usize,
}

impl Scanner<'_> {
    fn document(&self, mut at: usize, nodes: &mut Vec<Node>, max_depth: usize) -> Scan {
        let mut open = Open { index: u32::MAX, kind: Kind::Null, flags: 0, depth: 0 };
        loop {
            if open.kind == Kind::Object {
                at = self.key(at, nodes)?;
            }
            // At the start of a value.
            let (start, byte) = self.token(at);
            match byte {
                Some(b'"') => at = self.text(start, false, nodes)?,
                Some(bracket @ (b'[' | b'{')) => {
                    open = enter(bracket, start, open, self.flags.get(), nodes);
                    at = start + 1;
                    if open.depth > self.depth.get() {
                        self.deepen(open.depth, max_depth, at)?;
                    }
                    match (self.token(at), open.kind) {
                        ((end, Some(b']')), Kind::Array) => at = end,
                        ((end, Some(b'}')), Kind::Object) => at = end,
                        _ => continue,
                    }
                }
                Some(byte) => at = self.word(start, byte, nodes)?,
                None => return Err(error("unexpected end", start)),
            }
            loop {
                // Behind a value, or at the end of an empty container.
                let (place, byte) = self.token(at);
                at = place + 1;
                match (byte, open.kind) {
                    (Some(b','), Kind::Array | Kind::Object) => break,
                    (Some(b']'), Kind::Array) | (Some(b'}'), Kind::Object) => {
                        open = leave(at, open, nodes);
                    }
                    (None, Kind::Null) => return Ok(()),
                    _ => return Err(unexpected(byte, open.kind, place)),
                }
            }
        }
    }

    fn deepen(&self, depth: usize, max_depth: usize, at: usize) -> Scan {
        self.depth.set(depth);
        if depth > max_depth { Err(error("nested too deep", at)) } else { Ok(()) }
    }

    /// The key of a member, and the colon behind it.
    #[inline(always)]
    fn key(&self, at: usize, nodes: &mut Vec<Node>) -> Scan<usize> {
        let (start, byte) = self.token(at);
        if byte != Some(b'"') {
            return Err(error("expected a key", start));
        }
        let end = self.text(start, true, nodes)?;
        match self.token(end) {
            (place, Some(b':')) => Ok(place + 1),
            (place, _) => Err(error("expected `:`", place)),
        }
    }

    /// A string, from its opening quote on.
    #[inline(always)]
    fn text(&self, start: usize, is_key: bool, nodes: &mut Vec<Node>) -> Scan<usize> {
        let from = start + 1;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let length = plain_prefix(rest);
        let (mut at, mut flags) = (from + length, 0);
        if rest.get(length) != Some(&b'"') {
            at = self.escaped_text(at)?;
            flags = ESCAPED;
        }
        let contents = self.bytes.get(from..at).unwrap_or_default();
        if stands_out(contents, is_key, flags & ESCAPED != 0) {
            self.flags.set(self.flags.get() | OUTSTANDING);
        }
        at += 1;
        push(nodes, start, at, Kind::String, flags);
        Ok(at)
    }

    /// The offset of the quote at the end of a string that does not go on plainly.
    #[inline(never)]
    fn escaped_text(&self, mut at: usize) -> Scan<usize> {
        loop {
            match self.peek(at) {
                Some(b'"') => return Ok(at),
                Some(b'\\') => at = self.escape(at + 1)?,
                Some(_) => return Err(error("control character in a string", at)),
                None => return Err(error("unexpected end", at)),
            }
            at += plain_prefix(self.bytes.get(at..).unwrap_or_default());
        }
    }

    /// Behind a backslash.
    fn escape(&self, at: usize) -> Scan<usize> {
        match self.peek(at).ok_or(error("unexpected end", at))? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 1),
            b'u' => match self.bytes.get(at + 1..at + 5) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 5),
                _ => Err(error("bad escape", at + 1)),
            },
            _ => Err(error("bad escape", at + 1)),
        }
    }

    /// A number, or one of the three words.
    #[inline]
    fn word(&self, start: usize, byte: u8, nodes: &mut Vec<Node>) -> Scan<usize> {
        let (word, kind): (&[u8], Kind) = match byte {
            b'-' | b'0'..=b'9' => {
                let (end, flags) = self.number(start, byte)?;
                push(nodes, start, end, Kind::Number, flags);
                return Ok(end);
            }
            b't' => (b"true", Kind::True),
            b'f' => (b"false", Kind::False),
            b'n' => (b"null", Kind::Null),
            _ => return Err(error("expected a value", start)),
        };
        if !self.bytes.get(start..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(error("expected a value", start + 1));
        }
        let end = start + word.len();
        push(nodes, start, end, kind, 0);
        Ok(end)
    }

    /// A number, and its flags.
    #[inline]
    fn number(&self, start: usize, first: u8) -> Scan<(usize, u8)> {
        let mut at = start + usize::from(first == b'-');
        let end = self.digits(at)?;
        // No digit stands behind a leading zero.
        at = if self.peek(at) == Some(b'0') { at + 1 } else { end };
        let mut flags = 0;
        if let Some(b'.' | b'e' | b'E') = self.peek(at) {
            (at, flags) = self.fraction(at)?;
        }
        // Without an exponent it takes hundreds of digits to exceed a double.
        Ok((at, if at - start < 300 { flags } else { LARGE | FORM }))
    }

    /// What a number has behind its integer.
    #[inline(never)]
    fn fraction(&self, mut at: usize) -> Scan<(usize, u8)> {
        if self.peek(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        let Some(b'e' | b'E') = self.peek(at) else { return Ok((at, 0)) };
        at += 1;
        at += usize::from(matches!(self.peek(at), Some(b'+' | b'-')));
        Ok((self.digits(at)?, LARGE | FORM))
    }

    /// One digit or more.
    #[inline]
    fn digits(&self, at: usize) -> Scan<usize> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => Err(error("bad number", at)),
            count => Ok(at + count),
        }
    }

    /// The next byte that is no white space, not taken, and where it stands.
    #[inline]
    fn token(&self, at: usize) -> (usize, Option<u8>) {
        match self.peek(at) {
            Some(byte) if byte <= b' ' => self.token_behind_space(at),
            byte => (at, byte),
        }
    }

    #[cold]
    fn token_behind_space(&self, mut at: usize) -> (usize, Option<u8>) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek(at) {
            self.flags.set(self.flags.get() | SPACED);
            at += 1;
        }
        (at, self.peek(at))
    }

    #[inline]
    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }
}

#[inline]
fn push(nodes: &mut Vec<Node>, start: usize, end: usize, kind: Kind, flags: u8) {
    let next = nodes.len() as u32 + 1;
    nodes.push(Node { start: start as u32, end: end as u32, next, kind, flags, depth: 0 });
}

/// `root` are the flags of the first node.
#[inline]
fn enter(bracket: u8, start: usize, around: Open, root: u8, nodes: &mut Vec<Node>) -> Open {
    let (index, start) = (nodes.len() as u32, start as u32);
    let (mut kind, mut flags) = (Kind::Object, 0);
    if bracket == b'[' {
        kind = Kind::Array;
        let may_be_escaped = around.kind == Kind::Array && around.flags == 0;
        let is_inner = match around.kind {
            Kind::Null => root & INNER != 0,
            _ => may_be_escaped && around.index + 1 == index,
        };
        flags = if is_inner { INNER } else { 0 };
    }
    nodes.push(Node { start, end: start, next: around.index, kind, flags, depth: 0 });
    Open { index, kind, flags, depth: around.depth + 1 }
}

/// Gives the container around the one that ends.
#[inline]
fn leave(end: usize, open: Open, nodes: &mut [Node]) -> Open {
    let next = nodes.len() as u32;
    let is_form = open.kind == Kind::Array && open.flags == 0 && !is_escape(open.index, nodes);
    let Some(node) = nodes.get_mut(open.index as usize) else { return open };
    node.end = end as u32;
    node.flags = if is_form { FORM } else { open.flags };
    let index = std::mem::replace(&mut node.next, next);
    let (kind, flags) = match nodes.get(index as usize) {
        Some(around) => (around.kind, around.flags),
        None => (Kind::Null, 0),
    };
    Open { index, kind, flags, depth: open.depth - 1 }
}

/// Whether the array at an index, which ends the tape, holds one array and nothing else.
#[inline]
fn is_escape(index: u32, nodes: &[Node]) -> bool {
    let first = nodes.get(index as usize + 1);
    first.is_some_and(|first| first.kind == Kind::Array && first.next as usize == nodes.len())
}

#[cold]
fn unexpected(byte: Option<u8>, around: Kind, at: usize) -> SyntaxError {
    let what = match (byte, around) {
        (_, Kind::Null) => "trailing characters",
        (None, _) => "unexpected end",
        (_, Kind::Array) => "expected `,` or `]`",
        _ => "expected `,` or `}`",
    };
    error(what, at)
}

#[cold]
fn error(what: &'static str, at: usize) -> SyntaxError {
    SyntaxError { what, offset: at as u32 }
}
