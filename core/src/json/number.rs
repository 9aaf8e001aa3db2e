//! The double of a decimal number, rounded to nearest, ties to even, as JavaScript reads it.
//!
//! The standard library's parser does the same with tables of 10 KB, which do not compress; a
//! Worker's whole program should fit into a few times that. Here the common case is one
//! multiplication or division of doubles, and the others are exact integer arithmetic.

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

/// Decimal exponents of the first digit beyond which doubles are infinite or zero.
const INFINITE_FROM: i32 = 310;
const ZERO_FROM: i32 = -330;

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
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, small_integer(exponent)),
        None => (text, 0),
    };
    let number = positive(digits.as_bytes(), exponent);
    if negative { -number } else { number }
}

/// An exponent; values far out of range are cut.
fn small_integer(text: &str) -> i32 {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    let value = digits.fold(0_i32, |value, digit| {
        value.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(1 << 30)
    });
    if text.starts_with('-') { -value } else { value }
}

/// `digits` may hold a point.
fn positive(digits: &[u8], exponent: i32) -> f64 {
    let point = digits.iter().position(|&byte| byte == b'.').unwrap_or(digits.len());
    let fraction = digits.len().saturating_sub(point + 1) as i32;
    let all = || digits.iter().filter(|&&byte| byte != b'.').map(|&byte| byte - b'0');
    let zeros = all().take_while(|&digit| digit == 0).count();
    let significant = || all().skip(zeros);
    let count = digits.len() - usize::from(point < digits.len()) - zeros;
    let exponent = exponent.saturating_sub(fraction);
    let first = exponent.saturating_add(count as i32);
    if count == 0 || first < ZERO_FROM {
        return 0.0;
    }
    if first > INFINITE_FROM {
        return f64::INFINITY;
    }
    let short =
        significant().take(SHORT_DIGITS).fold(0, |value, digit| value * 10 + u64::from(digit));
    if count <= SHORT_DIGITS {
        return scaled(short, exponent);
    }
    // Whatever the other digits are, the number is between these two.
    let exponent_of_short = exponent + (count - SHORT_DIGITS) as i32;
    let (low, high) = (scaled(short, exponent_of_short), scaled(short + 1, exponent_of_short));
    if low == high { low } else { long(significant(), count, exponent) }
}

/// `integer` times a power of ten.
fn scaled(integer: u64, exponent: i32) -> f64 {
    let power = EXACT_POWERS.get(exponent.unsigned_abs() as usize);
    match power {
        Some(power) if integer <= EXACT_INTEGER && exponent < 0 => integer as f64 / power,
        Some(power) if integer <= EXACT_INTEGER => integer as f64 * power,
        _ => Big::from_u64(integer).scaled(exponent),
    }
}

#[cold]
fn long(mut digits: impl Iterator<Item = u8>, count: usize, exponent: i32) -> f64 {
    let mut integer = Big::from_u64(0);
    for digit in digits.by_ref().take(LONGEST_DIGITS) {
        integer.multiply(10, u32::from(digit));
    }
    let dropped = count.saturating_sub(LONGEST_DIGITS) as i32;
    if dropped == 0 {
        return integer.scaled(exponent);
    }
    // One digit stands for all the others.
    integer.multiply(10, u32::from(digits.any(|digit| digit != 0)));
    integer.scaled(exponent + dropped - 1)
}

/// A large natural number: 32 bits each, the lowest first.
struct Big(Vec<u32>);

impl Big {
    fn from_u64(value: u64) -> Self {
        Big(vec![value as u32, (value >> 32) as u32])
    }

    fn multiply(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides, and gives whether there is a remainder.
    fn divide(&mut self, divisor: u32) -> bool {
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / u64::from(divisor)) as u32;
            rest = value % u64::from(divisor);
        }
        rest != 0
    }

    /// The number times a power of ten.
    fn scaled(mut self, exponent: i32) -> f64 {
        if exponent >= 0 {
            in_steps(exponent as u32, |power| self.multiply(power, 0));
            return self.rounded(0, false);
        }
        // Shifted so far that the quotient has more than 64 bits: ten has less than 10 / 3.
        let exponent = exponent.unsigned_abs();
        let limbs = (exponent * 10 / 3) / 32 + 4;
        self.0.splice(0..0, (0..limbs).map(|_| 0));
        let mut is_inexact = false;
        in_steps(exponent, |power| is_inexact |= self.divide(power));
        self.rounded(-(limbs as i32) * 32, is_inexact)
    }

    /// The number, and more if `is_inexact`, times a power of two.
    fn rounded(mut self, exponent: i32, is_inexact: bool) -> f64 {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        let Some(last) = self.0.last() else { return 0.0 };
        let mut limbs = self.0.iter().rev();
        let mut next = || u64::from(limbs.next().copied().unwrap_or(0));
        let (high, low, below) = (next(), next(), next());
        let shift = last.leading_zeros();
        let window = (high << 32 | low) << shift | (below << shift) >> 32;
        let is_inexact = is_inexact || (below << shift) as u32 != 0 || limbs.any(|&limb| limb != 0);
        let exponent = exponent + self.0.len() as i32 * 32 - shift as i32 - 1;
        round(window, exponent, is_inexact)
    }
}

/// Calls with factors whose product is a power of ten.
fn in_steps(mut exponent: u32, mut step: impl FnMut(u32)) {
    while exponent >= 9 {
        step(1_000_000_000);
        exponent -= 9;
    }
    step(10_u32.pow(exponent));
}

/// The double of a number whose first bit has the value 2^exponent and whose first 64 bits are the
/// window.
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
