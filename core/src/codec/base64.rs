/// What stands for each six bits.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The six bits of each byte of text; 64 and up for what is not in the alphabet.
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let mut values = [255; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks it")]
        {
            values[ALPHABET[value] as usize] = value as u8;
        }
        value += 1;
    }
    values
}

/// Appends bytes as base64 without padding.
///
/// Our own: two loops over 24 bits need neither the engines nor the configuration of a crate.
pub(super) fn encode(out: &mut String, bytes: &[u8]) {
    /// Bytes that are encoded at a time: text is made on the stack, checked and appended.
    const BATCH: usize = 768;
    out.reserve(bytes.len().div_ceil(3) * 4);
    for batch in bytes.chunks(BATCH) {
        let mut text = [0; BATCH / 3 * 4];
        for (digits, group) in text.chunks_exact_mut(4).zip(batch.chunks(3)) {
            encode_group(digits, group);
        }
        let length = (batch.len() * 4).div_ceil(3);
        let text = text.get(..length).unwrap_or_default();
        out.push_str(str::from_utf8(text).unwrap_or_default());
    }
}

fn encode_group(digits: &mut [u8], group: &[u8]) {
    let bits = match *group {
        [a, b, c] => u32::from_be_bytes([0, a, b, c]),
        [a, b] => u32::from_be_bytes([0, a, b, 0]),
        [a] => u32::from_be_bytes([0, a, 0, 0]),
        _ => 0,
    };
    let digit = |shift: u32| ALPHABET.get((bits >> shift) as usize & 63).copied().unwrap_or(0);
    if let [a, b, c, d] = digits {
        (*a, *b, *c, *d) = (digit(18), digit(12), digit(6), digit(0));
    }
}

/// The bytes of a base64 text with or without padding; none if it is not base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let (groups, rest) = text.as_bytes().as_chunks();
    let mut bytes = vec![0; groups.len() * 3];
    let mut seen = 0;
    for (&digits, bytes) in groups.iter().zip(bytes.as_chunks_mut().0) {
        let (group, values) = decode_group(digits);
        *bytes = group;
        seen |= values;
    }
    let length = match rest.len() {
        0 => 0,
        length @ (2 | 3) => length - 1,
        _ => return None,
    };
    let mut last = [b'A'; 4];
    last.iter_mut().zip(rest).for_each(|(digit, &byte)| *digit = byte);
    let (group, values) = decode_group(last);
    bytes.extend(group.iter().take(length));
    (seen | values < 64).then_some(bytes)
}

/// Three bytes of four digits, and all values over one another: 64 or more if a digit is none.
fn decode_group(digits: [u8; 4]) -> ([u8; 3], u8) {
    let [a, b, c, d] =
        digits.map(|digit| VALUES.get(usize::from(digit)).copied().unwrap_or(u8::MAX));
    let bytes = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    (bytes, a | b | c | d)
}
