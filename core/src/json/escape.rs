use super::plain::plain_prefix;

/// The string of a text with escapes that the tape has checked. None for an unpaired surrogate.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at_checked(plain_prefix(rest.as_bytes()))?;
        out.push_str(plain);
        if special.is_empty() {
            return Some(out);
        }
        let (letter, length) = escape(special.as_bytes())?;
        out.push(letter);
        rest = special.get(length..)?;
    }
}

/// What an escape stands for, and its length.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let &[b'\\', kind, ..] = text else { return None };
    let letter = match kind {
        b'"' | b'\\' | b'/' => char::from(kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return code_point(text),
        _ => return None,
    };
    Some((letter, 2))
}

/// A `\uXXXX`, or two that are one code point.
fn code_point(text: &[u8]) -> Option<(char, usize)> {
    let high = code_unit(text)?;
    if let Some(letter) = char::from_u32(high) {
        return Some((letter, 6));
    }
    let low = code_unit(text.get(6..)?)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    // Two low halves give a number that is no code point.
    let letter = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
    Some((letter, 12))
}

fn code_unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = text.first_chunk::<6>()? else { return None };
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}
