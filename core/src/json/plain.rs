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
    length + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Whether a JSON string holds all of it as it is.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let is_stop = |word| stop_bytes(word) != 0;
    if let Some(&end) = bytes.last_chunk() {
        let (chunks, _) = bytes.as_chunks();
        let stops = chunks.iter().any(|&chunk| is_stop(u64::from_le_bytes(chunk)));
        // It may look at some bytes again.
        return !stops && !is_stop(u64::from_le_bytes(end));
    }
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(&start), Some(&end)) => {
            let (start, end) = (u32::from_le_bytes(start), u32::from_le_bytes(end));
            !is_stop(u64::from(start) << 32 | u64::from(end))
        }
        _ => !bytes.iter().any(is_special),
    }
}

fn is_special(&byte: &u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
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
    use super::{is_plain, lines, plain_prefix};

    #[test]
    fn plain_texts() {
        for length in 0..40 {
            for place in 0..=length {
                for byte in 0..=255 {
                    let mut bytes = vec![0xff; length];
                    bytes.insert(place, byte);
                    let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
                    assert_eq!(is_plain(&bytes), !is_special, "{byte} at {place} of {length}");
                    assert_eq!(plain_prefix(&bytes), if is_special { place } else { length + 1 });
                }
            }
        }
        assert!(is_plain(&[]));
    }

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
