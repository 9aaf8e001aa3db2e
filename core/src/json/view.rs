use std::borrow::Cow;
use std::ops::Range;

use super::escape::unescape;
use super::number::{Decimal, is_finite, parse_f64};
use super::tape::{ESCAPED, FORM, INNER, Kind, LARGE, Node, OUTSTANDING, SPACED, Tape};

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
const NOTHING: Node =
    Node { start: 0, end: 0, next: u32::MAX, kind: Kind::Null, flags: 0, depth: 0 };

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
    // Asked for in many places, of which a call takes one or two.
    #[inline(never)]
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

    /// Whether containers of the whole text nest less deep than that.
    pub(crate) fn is_shallow(self, levels: usize) -> bool {
        self.nodes
            .first()
            .is_none_or(|root| root.depth < u16::MAX && usize::from(root.depth) < levels)
    }

    /// Whether a string anywhere in the whole text [stands out](stands_out).
    pub(crate) fn has_outstanding(self) -> bool {
        self.has_flag(OUTSTANDING)
    }

    /// Whether it is the whole of a text that was parsed as a plain list of expressions.
    pub(crate) fn is_parsed_list(self) -> bool {
        self.at == 0 && self.has_flag(INNER)
    }

    /// In a text that was parsed as a plain list of expressions: the next index, from one on, of an
    /// expression that is an array and no escape, or of a number that may be beyond the doubles. In
    /// what is no expression, but a part of a form, other arrays may look like one.
    pub(crate) fn marked_from(self, index: u32) -> u32 {
        let rest = self.nodes.get(index as usize..).unwrap_or_default();
        let unmarked = rest.iter().take_while(|node| node.flags & FORM == 0).count();
        index + unmarked as u32
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

    /// The indexes of what stands in an array or object.
    #[inline]
    pub(crate) fn contents(self) -> Range<u32> {
        self.at.saturating_add(1)..self.next_index()
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
        let short = Decimal::read(text).and_then(|decimal| decimal.as_f64());
        Some(short.unwrap_or_else(|| parse_f64(text)))
    }

    /// Whether a number is within the range of doubles.
    pub(crate) fn is_finite(self) -> bool {
        self.is_moderate() || is_finite(self.raw())
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
        if let Some(integer) = Decimal::read(self.raw()).and_then(|decimal| decimal.as_integer()) {
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
