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
/// Our own: loops over 24 bits need neither the engines nor the configuration of a crate.
pub(crate) fn encode(out: &mut String, bytes: &[u8]) {
    /// Bytes that are encoded at a time: text is made on the stack, checked and appended.
    const BATCH: usize = 768;
    out.reserve(bytes.len().div_ceil(3) * 4);
    for batch in bytes.chunks(BATCH) {
        let mut text = [[0; 4]; BATCH / 3];
        let (groups, rest) = batch.as_chunks();
        let mut last = [0; 3];
        last.iter_mut().zip(rest).for_each(|(byte, &rest)| *byte = rest);
        text.iter_mut().zip(groups).for_each(|(digits, &group)| *digits = encode_group(group));
        if let Some(digits) = text.get_mut(groups.len()) {
            *digits = encode_group(last);
        }
        let length = (batch.len() * 4).div_ceil(3);
        let text = text.as_flattened().get(..length).unwrap_or_default();
        out.push_str(str::from_utf8(text).unwrap_or_default());
    }
}

/// The length of the base64 of so many bytes, without padding.
pub(crate) fn encoded_length(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 4).div_ceil(3)
}

fn encode_group([a, b, c]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, a, b, c]);
    let digit = |shift: u32| ALPHABET.get((bits >> shift) as usize & 63).copied().unwrap_or(0);
    [digit(18), digit(12), digit(6), digit(0)]
}

/// Whether all of a text are digits of base64.
pub(crate) fn are_digits(text: &[u8]) -> bool {
    let value = |&byte: &u8| VALUES.get(usize::from(byte)).copied().unwrap_or(u8::MAX);
    text.iter().fold(0, |seen, byte| seen | value(byte)) < 64
}

/// The bytes of a base64 text with or without padding; none if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use super::{ALPHABET, are_digits, decode, encode, encoded_length};

    /// By the definition of RFC 4648, bit by bit.
    fn slowly(bytes: &[u8]) -> String {
        let bits: Vec<u8> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let digit = |bits: &[u8]| {
            let value = (0..6).fold(0, |value, at| value << 1 | bits.get(at).copied().unwrap_or(0));
            char::from(ALPHABET[usize::from(value)])
        };
        bits.chunks(6).map(digit).collect()
    }

    #[test]
    fn every_length_and_every_digit() {
        let bytes: Vec<u8> =
            (0..2_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let lengths = (0..40).chain([766, 767, 768, 769, 770, 1535, 1536, 1537, 2000]);
        for length in lengths {
            let bytes = &bytes[..length];
            let mut text = String::new();
            encode(&mut text, bytes);
            assert_eq!(text, slowly(bytes), "{length} bytes");
            assert_eq!(text.len(), encoded_length(length), "{length} bytes");
            assert!(are_digits(text.as_bytes()), "{length} bytes");
            assert_eq!(decode(&text).as_deref(), Some(bytes), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_digit() {
        for at in 0..20 {
            for byte in 0..=u8::MAX {
                let mut text = [b'A'; 20];
                text[at] = byte;
                assert_eq!(are_digits(&text), ALPHABET.contains(&byte), "{byte} at {at}");
            }
        }
    }
}
