/// Appends a string with quotes and escapes.
pub fn write_str(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(plain..at).unwrap_or_default());
        out.push_str(escape);
        if escape.is_empty() {
            write_control(out, byte);
        }
        plain = at + 1;
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

fn write_control(out: &mut String, byte: u8) {
    let hex = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or('0');
    out.push_str("\\u00");
    out.push(hex(byte >> 4));
    out.push(hex(byte & 15));
}

/// Appends an unsigned integer.
pub fn write_u64(out: &mut String, number: u64) {
    let mut digits = [0_u8; 20];
    let mut rest = number;
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    for &digit in digits.iter().skip(digits.len() - count) {
        out.push(char::from(digit));
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
    write_number(out, &number);
}

/// As [`write_f64`], in the shortest form that reads back as the same single.
pub fn write_f32(out: &mut String, number: f32) {
    if number.trunc() == number {
        return write_f64(out, number.into());
    }
    write_number(out, &number);
}

fn write_number(out: &mut String, number: &impl serde::Serialize) {
    let mut buffer = [0; 32];
    let mut rest = buffer.as_mut_slice();
    let is_written = serde_json::to_writer(&mut rest, number).is_ok();
    let length = 32 - rest.len();
    let text = buffer.get(..length).and_then(|text| str::from_utf8(text).ok());
    out.push_str(text.filter(|_| is_written).unwrap_or("null"));
}
