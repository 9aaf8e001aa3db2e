use std::borrow::Cow;

use super::escape::unescape;
use super::number::parse_f64;
use super::tape::{ESCAPED, Kind, LARGE, Node, OUTSTANDING, SPACED, Tape};

/// One value of a parsed text: a cheap copy of references.
///
/// The default view is an empty `null`.
#[derive(Clone, Copy, Debug, Default)]
pub struct View<'a> {
    text: &'a str,
    nodes: &'a [Node],
    at: u32,
}

impl Tape {
    /// The root value. `text` must be the text that was parsed last.
    pub fn view<'a>(&'a self, text: &'a str) -> View<'a> {
        View { text, nodes: &self.nodes, at: 0 }
    }
}

/// What an index off the tape reads as: an empty `null`.
const NOTHING: Node = Node { start: 0, end: 0, next: u32::MAX, kind: Kind::Null, flags: 0 };

impl View<'static> {
    /// The view of no value. It reads as an empty `null`.
    pub fn nothing() -> Self {
        View { text: "", nodes: &[], at: u32::MAX }
    }
}

impl<'a> View<'a> {
    /// The value's kind.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// The value's text, as it stands.
    pub fn raw(self) -> &'a str {
        self.text.get(self.start()..self.end()).unwrap_or("null")
    }

    /// Byte offset of the value in the text.
    pub fn start(self) -> usize {
        self.node().start as usize
    }

    /// Byte offset behind the value.
    pub fn end(self) -> usize {
        self.node().end as usize
    }

    /// The value's index on the tape.
    pub fn index(self) -> u32 {
        self.at
    }

    /// The tape index behind the value and its contents.
    pub fn next_index(self) -> u32 {
        self.node().next
    }

    /// The value at another index of the same tape.
    pub fn at(self, index: u32) -> View<'a> {
        View { at: index, ..self }
    }

    /// The whole text.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Whether white space stands between the tokens of the whole text.
    pub fn is_spaced(self) -> bool {
        self.has_flag(SPACED)
    }

    /// Whether a string anywhere in the whole text [stands out](stands_out).
    pub(crate) fn has_outstanding(self) -> bool {
        self.has_flag(OUTSTANDING)
    }

    fn has_flag(self, flag: u8) -> bool {
        self.nodes.first().is_some_and(|root| root.flags & flag != 0)
    }

    /// The elements of an array; nothing for other kinds.
    pub fn elements(self) -> Elements<'a> {
        let end = if self.kind() == Kind::Array { self.node().next } else { 0 };
        Elements { view: self.at(self.at.saturating_add(1)), end }
    }

    /// The keys and values of an object; nothing for other kinds.
    pub fn members(self) -> Members<'a> {
        let end = if self.kind() == Kind::Object { self.node().next } else { 0 };
        Members(Elements { view: self.at(self.at.saturating_add(1)), end })
    }

    /// The contents of a string, unescaped. None for other kinds, and for a string with an
    /// unpaired surrogate, which has no form in Rust.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.plain_str() {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => self.unescaped(),
        }
    }

    #[cold]
    fn unescaped(self) -> Option<Cow<'a, str>> {
        if self.kind() != Kind::String {
            return None;
        }
        unescape(self.inner_text()?).map(Cow::Owned)
    }

    /// The contents of a string that has no escapes.
    pub fn plain_str(self) -> Option<&'a str> {
        let node = self.node();
        if node.kind != Kind::String || node.flags & ESCAPED != 0 {
            return None;
        }
        self.inner_text()
    }

    /// What stands between the quotes.
    fn inner_text(self) -> Option<&'a str> {
        self.text.get(self.start() + 1..self.end().saturating_sub(1))
    }

    /// A number, rounded to the nearest double as JavaScript does.
    pub fn as_f64(self) -> Option<f64> {
        if self.kind() != Kind::Number {
            return None;
        }
        let text = self.raw();
        match short_integer(text) {
            // It may be a negative zero.
            Some(0) | None => Some(parse_f64(text)),
            Some(integer) => Some(integer as f64),
        }
    }

    /// Whether a number is surely within the range of doubles.
    pub(crate) fn is_moderate(self) -> bool {
        self.node().flags & LARGE == 0
    }

    /// A number that is an integer from -2^53 to 2^53, in whatever notation.
    pub fn as_integer(self) -> Option<i64> {
        const SAFE: f64 = 9_007_199_254_740_992.0;
        if self.kind() != Kind::Number {
            return None;
        }
        if let Some(integer) = short_integer(self.raw()) {
            return Some(integer);
        }
        let number = self.as_f64()?;
        (number.trunc() == number && number.abs() <= SAFE).then_some(number as i64)
    }

    /// For an array that escapes an array, `[[…]]`: the array within.
    pub fn escaped_array(self) -> Option<View<'a>> {
        let first = self.at(self.at.saturating_add(1));
        let is_single = self.kind() == Kind::Array
            && first.at < self.node().next
            && first.node().next == self.node().next;
        (is_single && first.kind() == Kind::Array).then_some(first)
    }

    #[inline]
    fn node(self) -> &'a Node {
        self.nodes.get(self.at as usize).unwrap_or(&NOTHING)
    }
}

/// Decimal digits with an optional sign, at most 15 of them.
fn short_integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.len() > 15 {
        return None;
    }
    let mut value = 0_i64;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(if negative { -value } else { value })
}

/// The elements of an array.
#[derive(Clone, Debug, Default)]
pub struct Elements<'a> {
    view: View<'a>,
    end: u32,
}

impl<'a> Iterator for Elements<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        if self.view.at >= self.end {
            return None;
        }
        let element = self.view;
        self.view = element.at(element.next_index());
        Some(element)
    }
}

/// The keys and values of an object, in the order of the text.
#[derive(Clone, Debug)]
pub struct Members<'a>(Elements<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (View<'a>, View<'a>);

    fn next(&mut self) -> Option<(View<'a>, View<'a>)> {
        Some((self.0.next()?, self.0.next()?))
    }
}
