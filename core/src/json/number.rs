//! The double of a decimal number, rounded to nearest, ties to even, as JavaScript reads it.
//!
//! The standard library's parser does the same with tables of 10 KB, which do not compress; a
//! Worker's whole program should fit into a few times that. Here the common case is one
//! multiplication or division of doubles, most others take some of 64 bits, and the rest is exact
//! integer arithmetic.

mod big;

use big::Big;

/// Powers of ten that are exact as doubles.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Up to here every integer is a double.
const EXACT_INTEGER: u64 = 1 << 53;

/// Digits that surely fit 64 bits.
const SHORT_DIGITS: usize = 19;

/// Digits after which only it matters whether others follow: no point halfway between two doubles
/// has more.
const LONGEST_DIGITS: usize = 780;

/// How far the first significant digit may stand before the point, and behind it (negative), beyond
/// which doubles are infinite or zero.
const INFINITE_BEYOND: i32 = 309;
const ZERO_BEYOND: i32 = -330;

/// A number of few digits without an exponent: an integer, divided by a power of ten.
pub(super) struct Decimal {
    is_negative: bool,
    /// Exact as a double.
    digits: i64,
    places: usize,
}

impl Decimal {
    /// The text must be a JSON number. None if it is longer than most, or has an exponent.
    pub(super) fn read(text: &str) -> Option<Self> {
        const MOST_DIGITS: usize = 15;
        let (is_negative, text) = match text.as_bytes() {
            [b'-', text @ ..] => (true, text),
            text => (false, text),
        };
        if text.len() > MOST_DIGITS {
            return None;
        }
        let (mut digits, mut places, mut is_behind_point) = (0, 0, false);
        for &byte in text {
            match byte.wrapping_sub(b'0') {
                digit @ 0..=9 => digits = digits * 10 + i64::from(digit),
                _ if byte == b'.' => {
                    is_behind_point = true;
                    continue;
                }
                _ => return None,
            }
            places += usize::from(is_behind_point);
        }
        Some(Decimal { is_negative, digits, places })
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        let digits = self.digits as f64;
        let number = match self.places {
            0 => digits,
            places => digits / EXACT_POWERS.get(places)?,
        };
        Some(if self.is_negative { -number } else { number })
    }

    /// The number, if it is written as an integer.
    pub(super) fn as_integer(&self) -> Option<i64> {
        let integer = if self.is_negative { -self.digits } else { self.digits };
        (self.places == 0).then_some(integer)
    }
}

/// The double of a JSON number. The text must be one.
pub(super) fn parse_f64(text: &str) -> f64 {
    let parts = Parts::of(text);
    let number = parts.magnitude();
    if parts.is_negative { -number } else { number }
}

/// Whether a JSON number is within the range of doubles. The text must be one.
///
/// A peer may send millions, so the double is computed only of those that begin as the border does.
pub(super) fn is_finite(text: &str) -> bool {
    let parts = Parts::of(text);
    parts.is_surely_finite().unwrap_or_else(|| parts.magnitude().is_finite())
}

/// The digits of a number, and where they stand.
struct Parts<'t> {
    is_negative: bool,
    /// There may be a point among them.
    digits: &'t [u8],
    /// How many zeros come before the significant digits.
    zeros: usize,
    /// How many significant digits there are.
    count: usize,
    /// The decimal exponent of the last digit.
    exponent: i32,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Self {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits.as_bytes(), small_integer(exponent)),
            None => (text.as_bytes(), 0),
        };
        let point = digits.iter().position(|&byte| byte == b'.').unwrap_or(digits.len());
        let fraction = digits.len().saturating_sub(point + 1) as i32;
        let zeros = values(digits).take_while(|&digit| digit == 0).count();
        let count = digits.len() - usize::from(point < digits.len()) - zeros;
        let exponent = exponent.saturating_sub(fraction);
        Parts { is_negative, digits, zeros, count, exponent }
    }

    fn significant(&self) -> impl Iterator<Item = u8> {
        values(self.digits).skip(self.zeros)
    }

    /// The first significant digits as an integer.
    fn short(&self) -> u64 {
        let digits = self.significant().take(SHORT_DIGITS);
        digits.fold(0, |value, digit| value * 10 + u64::from(digit))
    }

    /// How far the first significant digit stands before the point.
    fn first(&self) -> i32 {
        self.exponent.saturating_add(self.count as i32)
    }

    /// None if that takes more than the first digits.
    fn is_surely_finite(&self) -> Option<bool> {
        /// Of the number halfway between the largest double and what would be the next.
        const BORDER: u64 = 1_797_693_134_862_315_807;
        if self.count == 0 || self.first() != INFINITE_BEYOND {
            return Some(self.count == 0 || self.first() < INFINITE_BEYOND);
        }
        let missing = SHORT_DIGITS.saturating_sub(self.count) as u32;
        let short = self.short() * 10_u64.pow(missing);
        (short != BORDER).then_some(short < BORDER)
    }

    /// The double without its sign.
    fn magnitude(&self) -> f64 {
        if self.count == 0 || self.first() < ZERO_BEYOND {
            return 0.0;
        }
        if self.first() > INFINITE_BEYOND {
            return f64::INFINITY;
        }
        let short = self.short();
        if self.count <= SHORT_DIGITS {
            return scaled(short, self.exponent);
        }
        // Whatever the other digits are, the number is between these two.
        let exponent = self.exponent + (self.count - SHORT_DIGITS) as i32;
        let (low, high) = (scaled(short, exponent), scaled(short + 1, exponent));
        if low == high { low } else { long(self.significant(), self.count, self.exponent) }
    }
}

/// The values of digits, among which there may be a point.
fn values(digits: &[u8]) -> impl Iterator<Item = u8> {
    digits.iter().filter(|&&byte| byte != b'.').map(|&byte| byte - b'0')
}

/// An exponent; values far out of range are cut.
fn small_integer(text: &str) -> i32 {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    let value = digits.fold(0_i32, |value, digit| {
        value.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(1 << 30)
    });
    if text.starts_with('-') { -value } else { value }
}

/// `integer` times a power of ten.
fn scaled(integer: u64, exponent: i32) -> f64 {
    let power = EXACT_POWERS.get(exponent.unsigned_abs() as usize);
    match power {
        Some(power) if integer <= EXACT_INTEGER && exponent < 0 => integer as f64 / power,
        Some(power) if integer <= EXACT_INTEGER => integer as f64 * power,
        _ => nearly_scaled(integer, exponent)
            .unwrap_or_else(|| Big::from_u64(integer).scaled(exponent)),
    }
}

/// `integer`, which is not zero, times a power of ten: computed with 64 bits, and none where what these
/// may lack decides.
fn nearly_scaled(integer: u64, exponent: i32) -> Option<f64> {
    const STEP: i32 = 27;
    /// 5^27 and its inverse: the first 64 bits, and one more than the exponent of the first of them.
    const UP: (u64, i32) = (5_u64.pow(STEP as u32) << 1, 63);
    const DOWN: (u64, i32) = (0x9e74_d1b7_91e0_7e48, -62);
    let (steps, rest) = (exponent.div_euclid(STEP), exponent.rem_euclid(STEP));
    let (factor, more) = if steps < 0 { DOWN } else { UP };
    let (mut bits, mut next, mut first) = (integer, 5_u64.pow(rest as u32), exponent + 127 - more);
    for _ in 0..=steps.unsigned_abs() {
        let product = u128::from(bits) * u128::from(next);
        let shift = product.leading_zeros();
        bits = ((product << shift) >> 64) as u64;
        (next, first) = (factor, first + more - shift as i32);
    }
    // Of 2^-64 of the number each product lacks less than 2, and by the factor of a step less than 1.
    let most = bits.checked_add(u64::from(steps.unsigned_abs()) * 3 + 2)?;
    let number = round(bits, first, false);
    (number == round(most, first, true)).then_some(number)
}

#[cold]
fn long(mut digits: impl Iterator<Item = u8>, count: usize, exponent: i32) -> f64 {
    let mut integer = Big::from_u64(0);
    let (mut power, mut chunk) = (1, 0);
    for digit in digits.by_ref().take(LONGEST_DIGITS) {
        (power, chunk) = (power * 10, chunk * 10 + u32::from(digit));
        if power == 1_000_000_000 {
            integer.multiply(power, chunk);
            (power, chunk) = (1, 0);
        }
    }
    integer.multiply(power, chunk);
    let dropped = count.saturating_sub(LONGEST_DIGITS) as i32;
    if dropped == 0 {
        return integer.scaled(exponent);
    }
    // One digit stands for all the others.
    integer.multiply(10, u32::from(digits.any(|digit| digit != 0)));
    integer.scaled(exponent + dropped - 1)
}

/// The double of a number whose first bit has the value 2^exponent and whose first 64 bits are the
/// window. Not inlined where it is called, for its size.
#[inline(never)]
fn round(window: u64, exponent: i32, is_inexact: bool) -> f64 {
    const LOWEST: i32 = -1022;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // Of the window 53 bits are kept, and fewer where doubles become denormal.
    let dropped = 11 + (LOWEST - exponent).max(0) as u32;
    if dropped > 64 {
        return 0.0;
    }
    let kept = window.checked_shr(dropped).unwrap_or(0);
    let rest = window << (64 - dropped);
    const HALF: u64 = 1 << 63;
    let is_up = rest > HALF || (rest == HALF && (is_inexact || kept & 1 == 1));
    let biased = (exponent.max(LOWEST) - LOWEST) as u64;
    // A carry moves into the exponent, as it should. The leading bit of normal numbers adds one.
    f64::from_bits((biased << 52) + kept + u64::from(is_up))
}

#[cfg(test)]
mod tests {
    use super::{Parts, is_finite, nearly_scaled};

    /// What is told without large numbers is what the standard library reads, and nearly all is.
    #[test]
    fn doubles_of_64_bits() {
        let mut integer = 0x5851_f42d_4c95_7f2d_u64;
        let (mut all, mut told) = (0, 0);
        for exponent in (-349..=309).flat_map(|exponent| [exponent; 60]) {
            integer = integer.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            // Of 4 to 64 bits.
            let integer = integer.max(1 << 63) >> (all % 61);
            let number = nearly_scaled(integer, exponent);
            let text = format!("{integer}e{exponent}");
            assert!(number.is_none_or(|number| number == text.parse().unwrap()), "{text}");
            (all, told) = (all + 1, told + u32::from(number.is_some()));
        }
        assert!(told > all / 100 * 96, "{told} of {all}");
    }

    /// The least number that is beyond the doubles.
    const BORDER: &str = "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904174497792";

    /// What is within the range is what the standard library reads as finite, and only for what
    /// begins as the border does the double is computed.
    #[test]
    fn the_range_of_doubles() {
        let (start, end) = BORDER.split_at(300);
        let zeros = "0".repeat(400);
        let below = |rest: &str| format!("{start}{}{rest}", end.parse::<u32>().unwrap() - 1);
        let doubtful = [
            BORDER.to_owned(),
            format!("{BORDER}.{zeros}"),
            format!("{BORDER}{zeros}1e-401"),
            format!("0.{zeros}{BORDER}E709"),
            format!("{start}.{end}e+9"),
            below(""),
            below(".99999"),
            format!("{}9{zeros}e-401", below("")),
            format!("{}e290", &BORDER[..19]),
            format!("{}.9e290", &BORDER[..19]),
        ];
        let told = [
            "0",
            "0.000",
            "0e999999999999",
            "0.0e-99999999999999999999",
            "1e308",
            "9e307",
            "1e309",
            "2e308",
            "1e310",
            "1e-300",
            "1e-400",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "179769313486231580e291",
            "1797693134862315806e290",
            "1797693134862315808e290",
            "17976931348623158069e289",
            "1e2147483647",
            "1e2147483648",
            "1e-2147483649",
            "1e9223372036854775808",
            "1e-9223372036854775809",
            "1e18446744073709551616",
        ];
        let zeros = [
            format!("0.{zeros}17e709"),
            format!("0.{zeros}18e709"),
            format!("1{zeros}e-92"),
            format!("1{zeros}e-91"),
            "9".repeat(308),
            "9".repeat(309),
            format!("17976931348623157{}", "0".repeat(292)),
            format!("17976931348623159{}", "0".repeat(292)),
        ];
        let told = told.map(str::to_owned).into_iter().chain(zeros).map(|text| (text, true));
        for (text, is_told) in doubtful.map(|text| (text, false)).into_iter().chain(told) {
            for text in [format!("-{text}"), text] {
                let expected = text.parse::<f64>().unwrap().is_finite();
                assert_eq!(is_finite(&text), expected, "{text}");
                assert_eq!(Parts::of(&text).is_surely_finite().is_some(), is_told, "{text}");
            }
        }
    }
}
