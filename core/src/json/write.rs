use super::copy::append;
use super::fraction::write_fraction;
use super::plain::{is_plain, plain_prefix};

/// Appends a string with quotes and escapes.
pub fn write_str(out: &mut String, text: &str) {
    out.push('"');
    write_contents(out, text);
    out.push('"');
}

/// Appends the key of a member, with the colon behind it.
#[inline]
pub(crate) fn write_key(out: &mut String, key: &str) {
    out.push('"');
    write_contents(out, key);
    out.push_str("\":");
}

#[inline]
fn write_contents(out: &mut String, text: &str) {
    if is_plain(text.as_bytes()) {
        append(out, text);
    } else {
        write_escaped(out, text);
    }
}

#[cold]
#[inline(never)]
fn write_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    loop {
        let length = plain_prefix(rest.as_bytes());
        let (plain, special) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(plain);
        let Some(&byte) = special.as_bytes().first() else { break };
        write_escape(out, byte);
        rest = special.get(1..).unwrap_or_default();
    }
}

fn write_escape(out: &mut String, byte: u8) {
    out.push_str(match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        0x08 => "\\b",
        0x0c => "\\f",
        _ => return write_control(out, byte),
    });
}

fn write_control(out: &mut String, byte: u8) {
    let hex = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or('0');
    out.push_str("\\u00");
    out.push(hex(byte >> 4));
    out.push(hex(byte & 15));
}

/// Appends an unsigned integer.
pub fn write_u64(out: &mut String, number: u64) {
    match u8::try_from(number) {
        Ok(digit @ 0..=9) => out.push(char::from(b'0' + digit)),
        _ => append(out, itoa::Buffer::new().format(number)),
    }
}

/// Appends a signed integer.
pub fn write_i64(out: &mut String, number: i64) {
    if number < 0 {
        out.push('-');
    }
    write_u64(out, number.unsigned_abs());
}

/// Appends a finite number in the shortest form that reads back as the same double.
///
/// The protocol's words for the others (`["inf"]`, `["-inf"]`, `["nan"]`) are expressions, not
/// JSON numbers: the caller writes them. Here they become `null`, as in JavaScript.
pub fn write_f64(out: &mut String, number: f64) {
    const SAFE: f64 = 9_007_199_254_740_992.0;
    if number.trunc() == number && number.abs() < SAFE {
        // JavaScript prints -0 as 0.
        return write_i64(out, number as i64);
    }
    if !write_fraction(out, number) {
        write_long_f64(out, number);
    }
}

#[inline(never)]
fn write_long_f64(out: &mut String, number: f64) {
    if number.is_finite() {
        out.push_str(short(ryu::Buffer::new().format_finite(number)));
    } else {
        out.push_str("null");
    }
}

/// As [`write_f64`], in the shortest form that reads back as the same single.
pub fn write_f32(out: &mut String, number: f32) {
    if number.trunc() == number || !number.is_finite() {
        return write_f64(out, number.into());
    }
    out.push_str(short(ryu::Buffer::new().format_finite(number)));
}

/// Without the fraction of an integer.
fn short(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}
