//! Why something of the peer's is refused: errors with one thing named in their message. In one
//! place and never inlined, because each message that is formatted where it is needed takes 200
//! bytes of Wasm.

use std::fmt::Display;

use crate::RpcError;

/// The longest piece of a message that an error repeats, in characters.
const MAX_QUOTED_CHARS: usize = 100;

#[cold]
#[inline(never)]
pub(crate) fn error(before: &str, what: &dyn Display, after: &str) -> RpcError {
    RpcError::error(format!("{before}{what}{after}"))
}

#[cold]
#[inline(never)]
pub(crate) fn type_error(before: &str, what: &dyn Display, after: &str) -> RpcError {
    RpcError::type_error(format!("{before}{what}{after}"))
}

#[cold]
#[inline(never)]
pub(crate) fn range_error(before: &str, what: &dyn Display, after: &str) -> RpcError {
    RpcError::range_error(format!("{before}{what}{after}"))
}

/// The first characters of a text, and an ellipsis if there are more.
#[cold]
#[inline(never)]
pub(crate) fn quoted(text: &str) -> String {
    let start = start(text, MAX_QUOTED_CHARS);
    let mut quoted = String::from(start);
    if start.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// The first characters of a text.
#[cold]
#[inline(never)]
pub(crate) fn start(text: &str, max_chars: usize) -> &str {
    let end = text.char_indices().nth(max_chars).map(|(end, _)| end);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}
