use std::borrow::Cow;

use serde::de::{Expected, Visitor};

use super::error::shortened;
use super::{DecodeError, Decoder, Form};

/// Integers of 64 bits are apart from those of 128: hardly anybody uses these, and their
/// arithmetic is long code on Wasm.
enum Integer {
    /// Below zero.
    Signed(i64),
    Unsigned(u64),
}

impl<'a> Decoder<'_, 'a> {
    /// A number, in the form of a literal or of `["inf"]`, `["-inf"]`, `["nan"]`.
    pub(super) fn number(self) -> Option<f64> {
        self.literal_number().or_else(|| self.special_number())
    }

    #[inline(never)]
    fn literal_number(self) -> Option<f64> {
        self.view().as_f64()
    }

    #[inline(never)]
    fn literal_integer(self) -> Option<i64> {
        self.view().as_integer()
    }

    #[cold]
    fn special_number(self) -> Option<f64> {
        if self.form() != Form::Number {
            return None;
        }
        match self.tag()? {
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            "nan" => Some(f64::NAN),
            _ => None,
        }
    }

    /// An integer of at most 64 bits, from a number or a bigint.
    pub(super) fn integer<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.literal_integer() {
            Some(value) => visit_i64(value, visitor),
            None => match self.long_integer() {
                Some(Integer::Unsigned(value)) => visitor.visit_u64(value),
                Some(Integer::Signed(value)) => visitor.visit_i64(value),
                None => Err(self.misfit_integer(&visitor)),
            },
        }
    }

    /// An integer of at most 32 bits: a number can always hold it, so a bigint is a misfit.
    pub(super) fn narrow_integer<V: Visitor<'a>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.literal_integer() {
            Some(value) => visit_i64(value, visitor),
            None if self.form() == Form::BigInt => Err(self.misfit(&visitor)),
            None => self.integer(visitor),
        }
    }

    pub(super) fn i128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let value = match self.form() {
            Form::Number => self.number().and_then(i128_of_double),
            _ => self.digits().parse().ok(),
        };
        match value {
            Some(value) => visitor.visit_i128(value),
            None => Err(self.misfit_integer(&visitor)),
        }
    }

    pub(super) fn u128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let value = match self.form() {
            Form::Number => self.number().and_then(u128_of_double),
            _ => match &*self.digits() {
                "-0" => Some(0),
                digits => digits.parse().ok(),
            },
        };
        match value {
            Some(value) => visitor.visit_u128(value),
            None => Err(self.misfit_integer(&visitor)),
        }
    }

    pub(super) fn any_number<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match (self.literal_integer(), self.number().unwrap_or(f64::NAN)) {
            (Some(0), number) if number.is_sign_negative() => visitor.visit_f64(number),
            (Some(value), _) => visit_i64(value, visitor),
            (None, number) => visitor.visit_f64(number),
        }
    }

    pub(super) fn any_bigint<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text = self.digits();
        if let Ok(value) = text.parse() {
            visitor.visit_u64(value)
        } else if let Ok(value) = text.parse() {
            visitor.visit_i64(value)
        } else {
            visitor.visit_str(&text)
        }
    }

    #[inline(never)]
    fn long_integer(self) -> Option<Integer> {
        match self.form() {
            Form::Number => integer_of_double(self.number()?),
            _ => integer_of_digits(&self.digits()),
        }
    }

    /// The text of a bigint; for other values empty.
    pub(super) fn digits(self) -> Cow<'a, str> {
        match self.form() {
            Form::BigInt => self.literal_part(1).view().as_str().unwrap_or_default(),
            _ => Cow::Borrowed(""),
        }
    }

    /// Not an integer, or one out of range: that value is shown.
    #[cold]
    #[inline(never)]
    fn misfit_integer(self, expected: &dyn Expected) -> DecodeError {
        let found = match (self.form(), self.number()) {
            (Form::Number, Some(number)) if number.is_nan() => String::from("NaN"),
            (Form::Number, Some(number)) if number.is_infinite() => {
                String::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            (Form::Number, _) => short_number(self.view().raw()),
            (Form::BigInt, _) => short_number(&self.digits()),
            _ => return self.misfit(expected),
        };
        DecodeError::misfit(expected, &found)
    }
}

fn visit_i64<'a, V: Visitor<'a>>(value: i64, visitor: V) -> Result<V::Value, DecodeError> {
    match u64::try_from(value) {
        Ok(value) => visitor.visit_u64(value),
        Err(_) => visitor.visit_i64(value),
    }
}

fn integer_of_double(number: f64) -> Option<Integer> {
    const END: f64 = 18_446_744_073_709_551_616.0;
    if number.trunc() != number {
        None
    } else if (0.0..END).contains(&number) {
        Some(Integer::Unsigned(number as u64))
    } else {
        (-END / 2.0..0.0).contains(&number).then_some(Integer::Signed(number as i64))
    }
}

fn integer_of_digits(digits: &str) -> Option<Integer> {
    match digits.parse::<i64>() {
        Ok(value) if value < 0 => Some(Integer::Signed(value)),
        Ok(value) => Some(Integer::Unsigned(value.unsigned_abs())),
        Err(_) => digits.parse().ok().map(Integer::Unsigned),
    }
}

fn i128_of_double(number: f64) -> Option<i128> {
    const END: f64 = -(i128::MIN as f64);
    (number.trunc() == number && (-END..END).contains(&number)).then_some(number as i128)
}

fn u128_of_double(number: f64) -> Option<u128> {
    const END: f64 = -(i128::MIN as f64) * 2.0;
    (number.trunc() == number && (0.0..END).contains(&number)).then_some(number as u128)
}

fn short_number(text: &str) -> String {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    match text {
        _ if text.len() <= 40 && text.bytes().all(is_number) => text.to_owned(),
        _ => shortened(text),
    }
}
