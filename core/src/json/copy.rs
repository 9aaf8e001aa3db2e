/// Beyond, one copy of the whole costs less.
const MOST_BYTES: usize = 48;

/// Appends a text. A short one goes by pieces whose lengths the compiler knows, a load and a store
/// each: a copy of any length is a call, in Wasm one that leaves the compiled code.
#[inline(never)]
pub(crate) fn append(out: &mut String, text: &str) {
    if text.len() > MOST_BYTES {
        return out.push_str(text);
    }
    let mut rest = text;
    while let Some((piece, behind)) = rest.split_at_checked(8) {
        out.push_str(piece);
        rest = behind;
    }
    if let Some((piece, behind)) = rest.split_at_checked(4) {
        out.push_str(piece);
        rest = behind;
    }
    if let Some((piece, behind)) = rest.split_at_checked(2) {
        out.push_str(piece);
        rest = behind;
    }
    // The rest of a text of ASCII is a letter at most. Others may be left where a piece would have
    // ended inside a letter.
    match rest.as_bytes() {
        [] => {}
        &[letter] => out.push(char::from(letter)),
        _ => out.push_str(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn every_length_and_letter() {
        for length in 0..60 {
            for place in 0..=length {
                for letter in ["", "y", "é", "€", "😀"] {
                    let text =
                        format!("{}{letter}{}", "x".repeat(place), "z".repeat(length - place));
                    let mut out = String::from("before ");
                    append(&mut out, &text);
                    assert_eq!(out.strip_prefix("before "), Some(text.as_str()));
                }
            }
        }
    }
}
