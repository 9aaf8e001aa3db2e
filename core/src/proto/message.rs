use std::borrow::Cow;

use crate::json::{SyntaxError, Tape, View, short_integer};

/// One parsed message, borrowed from its text and a tape.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub(super) root: View<'a>,
    /// The number in a pull, which then is not on the tape.
    pub(super) pull: Option<i64>,
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
        if let Some(id) = pull(text) {
            return Ok(Message { root: View::nothing(), pull: Some(id) });
        }
        // An escaped array takes two levels of JSON.
        tape.parse(text, max_depth_levels.saturating_mul(2).saturating_add(ENVELOPE_LEVELS))?;
        Ok(Message { root: tape.view(text), pull: None })
    }

    /// A string of the message, unescaped. Empty where it has no form in Rust.
    pub(super) fn name(self, at: u32) -> Cow<'a, str> {
        self.root.at(at).as_str().unwrap_or_default()
    }
}

/// The number in a pull as all clients write it. In a batch every second message is one.
fn pull(text: &str) -> Option<i64> {
    let number = text.strip_prefix("[\"pull\",")?.strip_suffix(']')?;
    number.starts_with(|first| matches!(first, '1'..='9')).then(|| short_integer(number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Message, pull};
    use crate::json::Tape;

    #[test]
    fn pulls_without_a_tape_are_those_with_one() {
        let numbers =
            ["1", "42", "999999999999999", "1234567890123456", "01", "-1", "", "1.0", "1,2"];
        for number in numbers {
            let text = format!("[\"pull\",{number}]");
            let mut tape = Tape::default();
            // White space keeps it from being recognized.
            let spaced = format!(" {text}");
            let on_tape = Message::parse(&spaced, &mut tape, 256).ok();
            let mut parts = on_tape.iter().flat_map(|message| message.root.elements()).skip(1);
            let expected = parts.next().and_then(|id| id.as_integer());
            match pull(&text) {
                Some(id) => assert!(expected == Some(id) && parts.next().is_none(), "{text}"),
                None => assert!(!matches!(number, "1" | "42" | "999999999999999"), "{text}"),
            }
        }
    }
}
