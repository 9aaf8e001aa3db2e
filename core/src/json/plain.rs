/// The length of the prefix without quotes, backslashes and control characters: what a JSON string
/// holds as it is.
#[inline]
pub(crate) fn plain_prefix(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    let mut length = 0;
    for &chunk in chunks {
        let stops = stop_bytes(u64::from_le_bytes(chunk));
        if stops != 0 {
            return length + stops.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let stop = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    length + rest.iter().position(stop).unwrap_or(rest.len())
}

/// The lines of a text that are not empty. A message has no newline inside, so these are messages.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let lines = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, behind) = rest.split_at_checked(line_length(rest.as_bytes()))?;
        rest = behind.get(1..).unwrap_or_default();
        Some(line)
    });
    lines.filter(|line| !line.is_empty())
}

fn line_length(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    let mut length = 0;
    for &chunk in chunks {
        let word = u64::from_le_bytes(chunk) ^ (ONES * b'\n' as u64);
        let newlines = word.wrapping_sub(ONES) & !word & HIGH;
        if newlines != 0 {
            return length + newlines.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The high bit of each byte that is a quote, a backslash or below 0x20. Bits above the lowest
/// one may be wrong: subtraction borrows.
fn stop_bytes(word: u64) -> u64 {
    let quotes = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslashes = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let controls = word.wrapping_sub(ONES * 0x20);
    // Of a byte from 0x80 on each may be set by itself.
    (quotes | backslashes | controls) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_as_those_of_the_standard_library() {
        for length in 0..40 {
            for newlines in [0_u64, 1, 0b1010, 0b1100_0001, 0x8000_8000, u64::MAX] {
                let letter = |at: u32| if newlines >> at & 1 == 1 { '\n' } else { 'é' };
                let text: String = (0..length).map(letter).collect();
                let expected = text.split('\n').filter(|line| !line.is_empty());
                assert!(lines(&text).eq(expected), "{text:?}");
            }
        }
    }
}
