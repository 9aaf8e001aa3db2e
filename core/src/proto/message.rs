use std::borrow::Cow;

use crate::json::{SyntaxError, Tape, View, short_integer};

/// One parsed message, borrowed from its text and a tape.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub(super) root: View<'a>,
    /// Set where the message is not on the tape.
    pub(super) brief: Option<Brief>,
}

/// A message that needs no tape, as all clients write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brief {
    Pull(i64),
    Release(i64, u64),
}

/// Containers of a message around its expression, and of an expression around its arguments, that
/// do not count as depth: `["push",["pipeline",0,[],[…]]]`.
const ENVELOPE_LEVELS: usize = 8;

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
        if let Some(brief) = Brief::read(text) {
            return Ok(Message { root: View::nothing(), brief: Some(brief) });
        }
        // An escaped array takes two levels of JSON.
        tape.parse(text, max_depth_levels.saturating_mul(2).saturating_add(ENVELOPE_LEVELS))?;
        Ok(Message { root: tape.view(text), brief: None })
    }

    /// A string of the message, unescaped. Empty where it has no form in Rust.
    pub(super) fn name(self, at: u32) -> Cow<'a, str> {
        self.root.at(at).as_str().unwrap_or_default()
    }
}

impl Brief {
    fn read(text: &str) -> Option<Self> {
        let message = text.strip_prefix("[\"")?.strip_suffix(']')?;
        if let Some(id) = message.strip_prefix("pull\",") {
            return positive(id).map(Brief::Pull);
        }
        let (id, count) = message.strip_prefix("release\",")?.split_once(',')?;
        let (is_negative, id) = id.strip_prefix('-').map_or((false, id), |id| (true, id));
        let id = positive(id)?;
        Some(Brief::Release(if is_negative { -id } else { id }, positive(count)?.unsigned_abs()))
    }
}

/// A number from 1 on.
fn positive(digits: &str) -> Option<i64> {
    digits.starts_with(|first| matches!(first, '1'..='9')).then(|| short_integer(digits)).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Brief, Message};
    use crate::json::{Tape, View};

    #[test]
    fn brief_messages_are_those_on_the_tape() {
        let numbers = [
            "1",
            "42",
            "-7",
            "999999999999999",
            "1234567890123456",
            "0",
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
        let lists = numbers.iter().flat_map(|a| numbers.iter().map(move |b| format!("{a},{b}")));
        for list in lists.chain(numbers.map(str::to_owned)) {
            for kind in ["pull", "release"] {
                let text = format!("[\"{kind}\",{list}]");
                let Some(brief) = Brief::read(&text) else { continue };
                // White space keeps it from being recognized.
                let (mut tape, spaced) = (Tape::default(), format!(" {text}"));
                let message = Message::parse(&spaced, &mut tape, 256).unwrap();
                let numbers: Vec<_> =
                    message.root.elements().skip(1).filter_map(View::as_integer).collect();
                let expected = match (kind, numbers.as_slice()) {
                    ("pull", &[id]) => Brief::Pull(id),
                    ("release", &[id, count]) => Brief::Release(id, count as u64),
                    other => panic!("{other:?}"),
                };
                assert_eq!(brief, expected, "{text}");
            }
        }
        assert_eq!(Brief::read(r#"["pull",42]"#), Some(Brief::Pull(42)));
        assert_eq!(Brief::read(r#"["release",-1,2]"#), Some(Brief::Release(-1, 2)));
    }
}
