//! Doubles that people write: prices, coordinates, halves. Exact digits of any double take `ryu`
//! ten times as long.

/// Places behind the point, and what they multiply with.
const SCALE: u32 = 100_000_000;

/// Appends a number that has at most eight places behind the point, in its shortest form. False
/// if it is none of these, or too large or small to be told.
pub(super) fn write_fraction(out: &mut String, number: f64) -> bool {
    // Below, `ryu` may use an exponent. Above, more than one number of eight places is the double.
    const LEAST: f64 = 1e-4;
    const MOST: f64 = 1e6;
    let size = number.abs();
    if !(LEAST..MOST).contains(&size) {
        return false;
    }
    // Below 10^14 both are exact as doubles, and so their quotient is the double of the decimal.
    let digits = (size * f64::from(SCALE) + 0.5) as i64;
    if digits as f64 / f64::from(SCALE) != size {
        return false;
    }
    if number < 0.0 {
        out.push('-');
    }
    let (whole, fraction) = (digits as u64 / u64::from(SCALE), digits as u64 % u64::from(SCALE));
    super::write_u64(out, whole);
    write_places(out, fraction as u32);
    true
}

/// The places behind the point, without zeros at the end.
fn write_places(out: &mut String, mut fraction: u32) {
    if fraction > 0 {
        out.push('.');
    }
    while fraction > 0 {
        fraction *= 10;
        out.push(char::from(b'0' + (fraction / SCALE % 10) as u8));
        fraction %= SCALE;
    }
}

#[cfg(test)]
mod tests {
    use super::write_fraction;

    /// What is written is what `ryu` writes. Gives whether anything is.
    fn same(number: f64) -> bool {
        let mut out = String::new();
        let is_written = write_fraction(&mut out, number);
        if is_written {
            let expected = ryu::Buffer::new().format_finite(number).to_owned();
            assert_eq!(out, expected.strip_suffix(".0").unwrap_or(&expected));
        }
        is_written
    }

    #[test]
    fn decimals_are_written_and_as_by_ryu() {
        let mut random = 1_u64;
        for places in 0..=8 {
            for _ in 0..5_000 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let digits = (random >> 11) % 10_u64.pow(6 + places);
                let number = digits as f64 / 10_f64.powi(places as i32);
                assert_eq!(same(number), number >= 1e-4, "{number}");
                assert_eq!(same(-number), number >= 1e-4, "{number}");
            }
        }
    }

    #[test]
    fn any_doubles_are_as_by_ryu_or_left() {
        let mut random = 1_u64;
        let mut written = 0;
        for _ in 0..100_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Exponents around those that are taken, and few bits, which are short decimals.
            let exponent = 1023 - 20 + (random >> 20) % 50;
            let number = f64::from_bits(
                exponent << 52 | (random >> 12) << ((random >> 3) % 52) & ((1 << 52) - 1),
            );
            written += usize::from(same(number));
        }
        assert!(written > 1_000, "{written}");
    }

    #[test]
    fn neighbours_of_decimals() {
        for number in [0.1, 1.5, 99.99, 52.520_008, 999_999.875, 0.000_1, 123_456.123_456_78_f64] {
            for near in [number.next_down(), number, number.next_up()] {
                same(near);
            }
        }
        for number in [0.0, f64::NAN, f64::INFINITY, 1e6, 9.9e-5, 1.0 / 3.0, 1e300] {
            assert!(!same(number), "{number}");
        }
    }
}
