/// The length of the prefix without quotes, backslashes and control characters: what a JSON string
/// holds as it is.
#[inline]
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
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

/// The high bit of each byte that is a quote, a backslash or below 0x20. Bits above the lowest
/// one may be wrong: subtraction borrows.
fn stop_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let quotes = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslashes = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let controls = word.wrapping_sub(ONES * 0x20);
    // Of a byte from 0x80 on each may be set by itself.
    (quotes | backslashes | controls) & !word & HIGH
}
