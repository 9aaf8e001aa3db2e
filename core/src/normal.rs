//! The text of expressions in the form in which Topsail keeps and sends it: no white space between
//! tokens, no members with forbidden keys, no padding behind base64.

use std::ops::Range;

use crate::json::{Kind, View};
use crate::order::in_order;

/// Whether a key is one that no value may carry over the wire: a member of JavaScript's
/// `Object.prototype`, or `toJSON`. Such members of objects are dropped and such properties read
/// as undefined, as npm `capnweb` 0.12.0 does.
#[inline]
pub(crate) fn is_forbidden_key(key: &str) -> bool {
    is_forbidden(key.as_bytes())
}

#[inline]
fn is_forbidden(key: &[u8]) -> bool {
    key.len() >= SHORTEST && is_listed(key)
}

#[inline(never)]
fn is_listed(key: &[u8]) -> bool {
    matches!(key, [b'c' | b'h' | b'i' | b'p' | b't' | b'v' | b'_', ..])
        && FORBIDDEN_KEYS.iter().any(|name| name.as_bytes() == key)
}

/// The length of the shortest forbidden key.
const SHORTEST: usize = 6;

const FORBIDDEN_KEYS: [&str; 13] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
    "toJSON",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
];

/// Whether a key of an error's props is one that errors have a place of its own for.
pub(crate) fn is_own_slot(key: &str) -> bool {
    matches!(key, "name" | "message" | "stack")
}

/// Whether a string may be why something is left out of an expression: a forbidden key, what may be
/// base64 with padding, or the name of the form of an error. A text without any is copied as it
/// stands. `contents` is what is between the quotes.
#[inline]
pub(crate) fn stands_out(contents: &[u8], is_key: bool, is_escaped: bool) -> bool {
    match contents {
        // An escape in a key may spell anything. Elsewhere names and base64 count only without.
        _ if is_key => is_escaped || is_forbidden(contents),
        [.., b'='] => true,
        _ => contents == b"error",
    }
}

/// What is left out of an expression when it is copied.
#[derive(Debug)]
pub(crate) struct Cuts {
    /// Byte ranges of the whole text, ascending and apart.
    ranges: Vec<Range<usize>>,
    is_spaced: bool,
}

impl Cuts {
    /// The cuts of an expression.
    pub(crate) fn of(root: View<'_>) -> Self {
        Cuts::find(root, None)
    }

    /// The cuts of a plain list of expressions. One of a single array looks like an expression.
    pub(crate) fn of_list(root: View<'_>) -> Self {
        Cuts::find(root, Some(root.index()))
    }

    /// `seen` is what is not looked at by itself: an array that is escaped, the props of an error.
    fn find(root: View<'_>, mut seen: Option<u32>) -> Self {
        if !root.has_outstanding() {
            return Cuts::white_space(root);
        }
        let (mut index, mut ranges) = (root.index(), Vec::new());
        while index < root.next_index() {
            let view = root.at(index);
            index += 1;
            match view.kind() {
                _ if seen == Some(view.index()) => {}
                Kind::Object => cut_members(view, is_forbidden_key, &mut ranges),
                Kind::Array => match view.escaped_array() {
                    Some(array) => seen = Some(array.index()),
                    None => match form_of(view) {
                        FormParts::Props(props) => {
                            let is_cut = |key: &str| is_forbidden_key(key) || is_own_slot(key);
                            cut_members(props, is_cut, &mut ranges);
                            seen = Some(props.index());
                        }
                        FormParts::Literal(bytes) => {
                            ranges.extend(bytes.and_then(padding));
                            index = view.next_index();
                        }
                        FormParts::Other => {}
                    },
                },
                _ => {}
            }
        }
        Cuts { ranges: outermost(&ranges), is_spaced: root.is_spaced() }
    }

    /// Of an expression from which nothing is left out.
    pub(crate) fn white_space(root: View<'_>) -> Self {
        Cuts { ranges: Vec::new(), is_spaced: root.is_spaced() }
    }

    /// Whether the value at an offset is cut.
    pub(crate) fn contain(&self, offset: usize) -> bool {
        let next = self.ranges.partition_point(|range| range.end <= offset);
        self.ranges.get(next).is_some_and(|range| range.start <= offset)
    }

    /// Copies a range of the text, which must not begin inside a string.
    pub(crate) fn copy(&self, out: &mut String, text: &str, range: Range<usize>) {
        let first = self.ranges.partition_point(|cut| cut.end <= range.start);
        let mut from = range.start;
        for cut in self.ranges.iter().skip(first).take_while(|cut| cut.start < range.end) {
            self.copy_piece(out, text.get(from..cut.start).unwrap_or_default());
            from = cut.end;
        }
        self.copy_piece(out, text.get(from..range.end).unwrap_or_default());
    }

    fn copy_piece(&self, out: &mut String, piece: &str) {
        if self.is_spaced {
            push_compact(out, piece);
        } else {
            out.push_str(piece);
        }
    }
}

/// In order, without those inside of others.
fn outermost(ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    if ranges.len() < 2 {
        return ranges.to_vec();
    }
    let mut outermost: Vec<Range<usize>> = Vec::new();
    for (start, end) in in_order(ranges.iter().map(|range| (range.start as u64, range.end as i64)))
    {
        let range = start as usize..end as usize;
        if outermost.last().is_none_or(|last| last.end <= range.start) {
            outermost.push(range);
        }
    }
    outermost
}

/// What there is to cut in an array that is no escaped array.
enum FormParts<'a> {
    /// In the properties of an error.
    Props(View<'a>),
    /// In the base64 of bytes at most: what else is in the form is literal.
    Literal(Option<View<'a>>),
    /// In what follows on the tape.
    Other,
}

fn form_of(view: View<'_>) -> FormParts<'_> {
    let mut parts = view.elements();
    match parts.next().and_then(View::plain_str) {
        Some("bytes") => FormParts::Literal(parts.next()),
        Some("error") => parts.nth(3).map_or(FormParts::Other, FormParts::Props),
        Some("headers") => FormParts::Literal(None),
        Some("request" | "response" | "blob") => {
            FormParts::Literal(fetch_body(view).and_then(|body| body.elements().nth(1)))
        }
        _ => FormParts::Other,
    }
}

/// The expression for the body of a request or response or the content of a blob; for other values
/// none. All else in them is plain JSON.
pub(crate) fn fetch_body(form: View<'_>) -> Option<View<'_>> {
    let mut parts = form.elements();
    match parts.next()?.plain_str()? {
        "request" => {
            let is_body = |key: View<'_>| key.as_str().is_some_and(|key| key == "body");
            parts.nth(1)?.members().find(|(key, _)| is_body(*key)).map(|(_, body)| body)
        }
        "response" => parts.next(),
        "blob" => parts.nth(1),
        _ => None,
    }
}

/// The padding behind base64.
fn padding(base64: View<'_>) -> Option<Range<usize>> {
    let count = base64.plain_str()?.bytes().rev().take_while(|&byte| byte == b'=').count();
    let end = base64.end().saturating_sub(1);
    (count > 0).then(|| end.saturating_sub(count)..end)
}

/// Cuts members out of an object, with a comma each.
fn cut_members(object: View<'_>, is_cut: impl Fn(&str) -> bool, ranges: &mut Vec<Range<usize>>) {
    let mut kept = None;
    let mut members = object.members().peekable();
    while let Some((key, value)) = members.next() {
        if !key.as_str().is_some_and(|key| is_cut(&key)) {
            kept = Some(value.end());
            continue;
        }
        let range = match (kept, members.peek()) {
            (Some(kept), _) => kept..value.end(),
            (None, Some((next, _))) => key.start()..next.start(),
            (None, None) => key.start()..value.end(),
        };
        match ranges.last_mut() {
            Some(last) if last.start == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
}

/// Appends a piece of JSON text without the white space between its tokens. The piece must begin
/// outside strings.
pub(crate) fn push_compact(out: &mut String, text: &str) {
    let (mut in_string, mut escaped, mut from) = (false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b' ' | b'\t' | b'\r' | b'\n' if !in_string => {
                out.push_str(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

/// How deep the brackets of a JSON text nest: at least as deep as the value it is an expression
/// of.
pub(crate) fn bracket_levels(text: &str) -> usize {
    let (mut levels, mut deepest) = (0_usize, 0);
    for byte in structure(text.as_bytes()) {
        match byte {
            b'[' | b'{' => {
                levels += 1;
                deepest = deepest.max(levels);
            }
            b']' | b'}' => levels = levels.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The bytes outside strings.
fn structure(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let (mut in_string, mut escaped) = (false, false);
    bytes.iter().copied().filter(move |&byte| {
        let outside = !in_string;
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ => {}
        }
        outside
    })
}

#[cfg(test)]
mod tests {
    use super::{Cuts, FORBIDDEN_KEYS, is_forbidden_key, push_compact};
    use crate::json::Tape;

    #[test]
    fn white_space_goes_outside_strings_only() {
        let mut out = String::new();
        push_compact(&mut out, "{ \"a b\" :\t[ 1 , \"\\\" \\\\\" ]\n}");
        assert_eq!(out, "{\"a b\":[1,\"\\\" \\\\\"]}");
    }

    #[test]
    fn forbidden_keys() {
        assert!(FORBIDDEN_KEYS.into_iter().all(is_forbidden_key));
        for key in FORBIDDEN_KEYS {
            let others = [format!("{key}s"), key.get(1..).unwrap().to_owned(), key.to_uppercase()];
            assert!(!others.iter().any(|key| is_forbidden_key(key)), "{key}");
        }
    }

    #[test]
    fn cuts() {
        let table = [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"toJSON":1}"#, r#"{}"#),
            (r#"{"toJSON":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":1,"toJSON":2}"#, r#"{"a":1}"#),
            (r#"{"a":1,"toJSON":2,"b":3}"#, r#"{"a":1,"b":3}"#),
            (r#"{"toJSON":1,"valueOf":2}"#, r#"{}"#),
            (r#"{"toJSON":1,"valueOf":2,"a":3}"#, r#"{"a":3}"#),
            (r#"{"a":1,"toJSON":2,"valueOf":3}"#, r#"{"a":1}"#),
            (r#"{"a":{"__proto__":{"x":1},"b":2},"c":3}"#, r#"{"a":{"b":2},"c":3}"#),
            (r#"{"a":{"toJSON":1},"toJSON":{"toJSON":1},"b":3}"#, r#"{"a":{},"b":3}"#),
            (r#"{"\u0074oJSON":1,"a":2}"#, r#"{"a":2}"#),
            (r#"["bytes","AAEC/w=="]"#, r#"["bytes","AAEC/w"]"#),
            (r#"{"a":["bytes","QQ==","Int8Array"]}"#, r#"{"a":["bytes","QQ","Int8Array"]}"#),
            (r#"[["bytes","QQ=="]]"#, r#"[["bytes","QQ=="]]"#),
            (r#"[[["bytes","QQ=="]]]"#, r#"[[["bytes","QQ"]]]"#),
            (
                r#"["error","E","m",null,{"message":1,"a":{"stack":1,"toJSON":1},"toJSON":2}]"#,
                r#"["error","E","m",null,{"a":{"stack":1}}]"#,
            ),
            (
                r#"["headers",[["toJSON","a"],["bytes","QQ=="]]]"#,
                r#"["headers",[["toJSON","a"],["bytes","QQ=="]]]"#,
            ),
            (
                r#"{"a":["request","a:b",{"body":["bytes","QQ=="],"cf":{"toJSON":1}}],"toJSON":1}"#,
                r#"{"a":["request","a:b",{"body":["bytes","QQ"],"cf":{"toJSON":1}}]}"#,
            ),
            (
                r#"[[["response",["bytes","QQ=="],{"headers":[["bytes","QQ=="]]}],{"toJSON":1}]]"#,
                r#"[[["response",["bytes","QQ"],{"headers":[["bytes","QQ=="]]}],{}]]"#,
            ),
            (r#"["error","E","m",null]"#, r#"["error","E","m",null]"#),
            (r#"[[ "error" , "x=" ]]"#, r#"[["error","x="]]"#),
        ];
        for (text, expected) in table {
            let mut tape = Tape::default();
            tape.parse(text, 9).unwrap();
            let mut out = String::new();
            Cuts::of(tape.view(text)).copy(&mut out, text, 0..text.len());
            assert_eq!(out, expected, "{text}");
        }
    }
}
