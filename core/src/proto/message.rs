use std::borrow::Cow;

use crate::json::{SyntaxError, Tape, View};

/// One parsed message, borrowed from its text and a tape.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub(super) root: View<'a>,
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
        // An escaped array takes two levels of JSON.
        tape.parse(text, max_depth_levels.saturating_mul(2).saturating_add(ENVELOPE_LEVELS))?;
        Ok(Message { root: tape.view(text) })
    }

    /// A string of the message, unescaped. Empty where it has no form in Rust.
    pub(super) fn name(self, at: u32) -> Cow<'a, str> {
        self.root.at(at).as_str().unwrap_or_default()
    }
}
