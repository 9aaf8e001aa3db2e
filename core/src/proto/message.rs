use std::ops::Range;

use crate::json::{SyntaxError, Tape, View, plain_prefix};

/// One parsed message, borrowed from its text and a tape.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub(super) root: View<'a>,
    /// Set where the message is not on the tape, or not all of it.
    pub(super) brief: Option<Brief>,
}

/// A message that needs no tape, or a short one, as all clients write it. Most messages are such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brief {
    Pull(i64),
    Release(i64, u64),
    /// A push of a method's call on an export. Only the arguments are on the tape.
    Call(i64, Span),
}

/// Where the contents of a string without escapes stand in the text of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

/// Containers of a message around its expression, and of an expression around its arguments, that
/// do not count as depth: `["push",["pipeline",0,[],[…]]]`.
const ENVELOPE_LEVELS: usize = 8;

/// Of those, around the arguments of a [`Brief::Call`].
const AROUND_ARGUMENTS: usize = 2;

impl<'a> Message<'a> {
    /// Parses the text of one message into the tape.
    ///
    /// # Errors
    ///
    /// If the text is not JSON or nests deeper than any expression of `max_depth_levels` can.
    pub fn parse(
        text: &'a str,
        tape: &'a mut Tape,
        max_depth_levels: usize,
    ) -> Result<Message<'a>, SyntaxError> {
        // An escaped array takes two levels of JSON.
        let depth = max_depth_levels.saturating_mul(2).saturating_add(ENVELOPE_LEVELS);
        if let Some((brief, arguments)) = Brief::read(text.as_bytes()) {
            let Some(arguments) = arguments else {
                return Ok(Message { root: View::nothing(), brief: Some(brief) });
            };
            if tape.parse_list(text, arguments, depth - AROUND_ARGUMENTS).is_ok() {
                return Ok(Message { root: tape.view(text), brief: Some(brief) });
            }
        }
        tape.parse(text, depth)?;
        Ok(Message { root: tape.view(text), brief: None })
    }

    /// A string of the message.
    pub(super) fn string(self, span: Span) -> &'a str {
        self.root.text().get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

impl Span {
    /// That of a string, if it has no escapes.
    pub(super) fn of(string: View<'_>) -> Option<Self> {
        string.plain_str()?;
        Some(Span { start: string.start() as u32 + 1, end: string.end() as u32 - 1 })
    }
}

/// The kinds of message are told apart by their first eight bytes.
const PUSH: u64 = u64::from_le_bytes(*b"[\"push\",");
const PULL: u64 = u64::from_le_bytes(*b"[\"pull\",");
const RELEASE: u64 = u64::from_le_bytes(*b"[\"releas");
const PIPELINE: u64 = u64::from_le_bytes(*b"[\"pipeli");

impl Brief {
    /// The message, and the bytes of what is to be put on the tape.
    fn read(text: &[u8]) -> Option<(Self, Option<Range<usize>>)> {
        let (kind, rest) = split_word(text)?;
        match kind {
            PUSH => Brief::call(text, rest).map(|(brief, list)| (brief, Some(list))),
            PULL => match integer(rest)? {
                (id, b"]") => Some((Brief::Pull(id), None)),
                _ => None,
            },
            RELEASE => Some((Brief::release(rest)?, None)),
            _ => None,
        }
    }

    fn release(rest: &[u8]) -> Option<Self> {
        let (id, rest) = integer(rest.strip_prefix(b"e\",")?)?;
        match integer(rest.strip_prefix(b",")?)? {
            (count @ 1.., b"]") => Some(Brief::Release(id, count.unsigned_abs())),
            _ => None,
        }
    }

    /// `["push",["pipeline",id,["name"],[…]]]`, from behind `push` on. What stands between the
    /// brackets of the arguments is not looked at.
    fn call(text: &[u8], rest: &[u8]) -> Option<(Self, Range<usize>)> {
        let at = |rest: &[u8]| text.len() - rest.len();
        let (PIPELINE, rest) = split_word(rest)? else { return None };
        let (id, rest) = integer(rest.strip_prefix(b"ne\",")?)?;
        let name = rest.strip_prefix(b",[\"")?;
        let rest = name.get(plain_prefix(name)..)?;
        let method = Span { start: at(name) as u32, end: at(rest) as u32 };
        let rest = rest.strip_prefix(b"\"],")?;
        let list = rest.strip_suffix(b"]]").filter(|list| list.first() == Some(&b'['))?;
        Some((Brief::Call(id, method), at(rest)..at(rest) + list.len()))
    }
}

/// Eight bytes as a number, and those behind them.
fn split_word(text: &[u8]) -> Option<(u64, &[u8])> {
    let (word, rest) = text.split_first_chunk()?;
    Some((u64::from_le_bytes(*word), rest))
}

/// An integer of few digits, as JSON has it, and what stands behind it.
fn integer(text: &[u8]) -> Option<(i64, &[u8])> {
    const MOST_DIGITS: usize = 15;
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    let (mut value, mut length) = (0, 0);
    while let Some(digit) = digits.get(length).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        value = value * 10 + i64::from(digit);
        length += 1;
        if length > MOST_DIGITS {
            return None;
        }
    }
    let is_number = length == 1 || (length > 1 && digits.first() != Some(&b'0'));
    is_number.then_some((value * sign, digits.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::{Brief, Message};
    use crate::json::{Tape, View};

    const NUMBERS: [&str; 17] = [
        "1",
        "42",
        "-7",
        "999999999999999",
        "1234567890123456",
        "0",
        "-0",
        "01",
        "-01",
        "--1",
        "",
        "-",
        "1.0",
        "1e1",
        "\"1\"",
        "null",
        " 1",
    ];

    /// The message as the tape alone has it: white space keeps it from being recognized.
    fn on_the_tape<T>(text: &str, read: impl FnOnce(View<'_>) -> T) -> T {
        let (mut tape, spaced) = (Tape::default(), format!(" {text}"));
        let message = Message::parse(&spaced, &mut tape, 256).unwrap();
        assert_eq!(message.brief, None);
        read(message.root)
    }

    #[test]
    fn pulls_and_releases_are_those_on_the_tape() {
        let lists = NUMBERS.iter().flat_map(|a| NUMBERS.iter().map(move |b| format!("{a},{b}")));
        for list in lists.chain(NUMBERS.map(str::to_owned)) {
            for kind in ["pull", "release"] {
                let text = format!("[\"{kind}\",{list}]");
                let Some((brief, _)) = Brief::read(text.as_bytes()) else { continue };
                let numbers: Vec<_> = on_the_tape(&text, |root| {
                    root.elements().skip(1).filter_map(View::as_integer).collect()
                });
                let expected = match (kind, numbers.as_slice()) {
                    ("pull", &[id]) => Brief::Pull(id),
                    ("release", &[id, count]) => Brief::Release(id, count as u64),
                    other => panic!("{other:?}"),
                };
                assert_eq!(brief, expected, "{text}");
            }
        }
        assert_eq!(Brief::read(br#"["pull",42]"#), Some((Brief::Pull(42), None)));
        assert_eq!(Brief::read(br#"["release",-1,2]"#), Some((Brief::Release(-1, 2), None)));
        assert_eq!(Brief::read(br#"["pull",042]"#), None);
    }

    #[test]
    fn calls_are_those_on_the_tape() {
        let names = ["a", "", "é", "a\\n", "a\",\"b", "]"];
        let lists =
            ["[]", "[1,\"]]\"]", "[[[1]],{}]", "[1],2", "[1]],[[2]", "{}", "", "[ 1 ] ", "[[]"];
        let ids_and_names = NUMBERS.iter().flat_map(|id| names.map(|name| (id, name)));
        let mut brief = 0;
        for ((id, name), list) in ids_and_names.flat_map(|call| lists.map(|list| (call, list))) {
            let text = format!(r#"["push",["pipeline",{id},["{name}"],{list}]]"#);
            let mut tape = Tape::default();
            let Ok(message) = Message::parse(&text, &mut tape, 256) else { continue };
            let Some(Brief::Call(on, method)) = message.brief else { continue };
            brief += 1;
            on_the_tape(&text, |root| {
                let mut call = root.elements().nth(1).unwrap().elements();
                assert_eq!(call.next().unwrap().plain_str(), Some("pipeline"), "{text}");
                assert_eq!(call.next().unwrap().as_integer(), Some(on), "{text}");
                let path: Vec<_> = call.next().unwrap().elements().map(View::plain_str).collect();
                assert_eq!(path, [Some(message.string(method))], "{text}");
                assert_eq!(call.next().unwrap().raw(), message.root.raw(), "{text}");
                assert!(call.next().is_none(), "{text}");
            });
        }
        // Of 17 numbers 6, of 6 names 4, of 9 lists 4.
        assert_eq!(brief, 6 * 4 * 4);
    }

    #[test]
    fn calls_nest_as_deep_as_on_the_tape() {
        for levels in 0..40 {
            let list = format!("{}{}", "[".repeat(levels + 1), "]".repeat(levels + 1));
            let text = format!(r#"["push",["pipeline",0,["a"],{list}]]"#);
            let (mut brief, mut taped) = (Tape::default(), Tape::default());
            let is_brief = Message::parse(&text, &mut brief, 8).is_ok_and(|it| it.brief.is_some());
            let is_fine = Message::parse(&format!(" {text}"), &mut taped, 8).is_ok();
            assert_eq!(is_brief, is_fine, "{levels}");
        }
    }
}
