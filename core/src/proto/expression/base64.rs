use crate::base64::are_digits;

/// The number of bytes that a base64 text spells, with or without padding. None if it is not
/// base64 in the standard alphabet, or if bits are left over: one text for one value.
pub(super) fn decoded_length(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let fits = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    if !fits || digits.len() % 4 == 1 || !are_digits(digits.as_bytes()) {
        return None;
    }
    // The last digit of a group of 2 spells 4 bits too many, that of a group of 3 spells 2.
    let is_whole = match digits.len() % 4 {
        2 => ends_in(digits, b"AQgw"),
        3 => ends_in(digits, b"AEIMQUYcgkosw048"),
        _ => true,
    };
    is_whole.then_some(digits.len() / 4 * 3 + (digits.len() % 4).saturating_sub(1))
}

/// By bytes: to look for a `char` in a text takes the whole of substring search.
fn ends_in(digits: &str, set: &[u8]) -> bool {
    digits.as_bytes().last().is_some_and(|last| set.contains(last))
}

#[cfg(test)]
mod tests {
    use super::decoded_length;

    #[test]
    fn lengths() {
        let table = [
            ("", Some(0)),
            ("QQ", Some(1)),
            ("QQ==", Some(1)),
            ("QUI", Some(2)),
            ("QUI=", Some(2)),
            ("QUJD", Some(3)),
            ("QUJDRA", Some(4)),
            ("QR", None),
            ("QUJ", None),
            ("Q", None),
            ("QUJDR", None),
            ("QQ=", None),
            ("QUJD====", None),
            ("Q-==", None),
            ("Q Q=", None),
        ];
        for (text, length) in table {
            assert_eq!(decoded_length(text), length, "{text}");
        }
    }
}
