/// The longest reason of a close frame, in bytes of UTF-8: a control frame has 125 bytes, two of
/// them for the code (RFC 6455, sections 5.5 and 5.5.1).
const MAX_REASON_BYTES: usize = 123;

/// As much of a text as a close frame can take, cut between characters.
pub(super) fn close_reason(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_REASON_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_between_characters() {
        let rows = [
            (String::new(), 0),
            ("short".to_owned(), 5),
            ("x".repeat(123), 123),
            ("x".repeat(124), 123),
            ("é".repeat(62), 122),
            ("€".repeat(41), 123),
            ("€".repeat(42), 123),
            ("😀".repeat(31), 120),
            (format!("x{}", "😀".repeat(31)), 121),
        ];
        for (text, length) in rows {
            assert_eq!(close_reason(&text), &text[..length], "{text:?}");
        }
    }
}
