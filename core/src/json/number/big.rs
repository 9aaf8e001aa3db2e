//! Numbers of any length, for doubles that take all digits.

use super::round;

/// A large natural number: 32 bits each, the lowest first.
pub(super) struct Big(Vec<u32>);

impl Big {
    pub(super) fn from_u64(value: u64) -> Self {
        Big(vec![value as u32, (value >> 32) as u32])
    }

    pub(super) fn multiply(&mut self, factor: u32, add: u32) {
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
        self.drop_zeros();
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / u64::from(divisor)) as u32;
            rest = value % u64::from(divisor);
        }
        rest != 0
    }

    /// Drops the highest limbs that are zero.
    fn drop_zeros(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    /// The number times a power of ten: of five here, and the rest by [`rounded`](Self::rounded).
    pub(super) fn scaled(mut self, exponent: i32) -> f64 {
        if exponent >= 0 {
            in_steps(exponent as u32, |power| self.multiply(power, 0));
            return self.rounded(exponent, false);
        }
        // Shifted so far that the quotient has more than 64 bits: five has less than 7 / 3.
        let steps = exponent.unsigned_abs();
        let limbs = (steps * 7 / 3) / 32 + 4;
        self.0.splice(0..0, (0..limbs).map(|_| 0));
        let mut is_inexact = false;
        in_steps(steps, |power| is_inexact |= self.divide(power));
        self.rounded(exponent - limbs as i32 * 32, is_inexact)
    }

    /// The number, and more if `is_inexact`, times a power of two.
    fn rounded(mut self, exponent: i32, is_inexact: bool) -> f64 {
        self.drop_zeros();
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

/// Calls with factors whose product is a power of five.
fn in_steps(mut exponent: u32, mut step: impl FnMut(u32)) {
    // The highest that fits 32 bits.
    const MOST: u32 = 13;
    while exponent >= MOST {
        step(5_u32.pow(MOST));
        exponent -= MOST;
    }
    step(5_u32.pow(exponent));
}
