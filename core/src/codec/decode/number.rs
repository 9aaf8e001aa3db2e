use serde::de::{Expected, Visitor};

use super::error::shortened;
use super::{DecodeError, Decoder, Form};

/// An integer of a size that serde knows.
enum Integer {
    /// Below zero.
    Signed(i128),
    Unsigned(u128),
}

impl<'a> Decoder<'a> {
    /// A number, in the form of a literal or of `["inf"]`, `["-inf"]`, `["nan"]`.
    pub(super) fn number(self) -> Option<f64> {
        self.view.as_f64().or_else(|| self.special_number())
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
        match self.view.as_integer() {
            Some(value) => visit_i64(value, visitor),
            None => match self.long_integer(&visitor)? {
                Integer::Unsigned(value) => match u64::try_from(value) {
                    Ok(value) => visitor.visit_u64(value),
                    Err(_) => Err(self.misfit_value(&visitor)),
                },
                Integer::Signed(value) => match i64::try_from(value) {
                    Ok(value) => visitor.visit_i64(value),
                    Err(_) => Err(self.misfit_value(&visitor)),
                },
            },
        }
    }

    pub(super) fn i128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.long_integer(&visitor)? {
            Integer::Signed(value) => visitor.visit_i128(value),
            Integer::Unsigned(value) => match i128::try_from(value) {
                Ok(value) => visitor.visit_i128(value),
                Err(_) => Err(self.misfit_value(&visitor)),
            },
        }
    }

    pub(super) fn u128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.long_integer(&visitor)? {
            Integer::Unsigned(value) => visitor.visit_u128(value),
            Integer::Signed(_) => Err(self.misfit_value(&visitor)),
        }
    }

    pub(super) fn any_number<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match (self.view.as_integer(), self.number().unwrap_or(f64::NAN)) {
            (Some(0), number) if number.is_sign_negative() => visitor.visit_f64(number),
            (Some(value), _) => visit_i64(value, visitor),
            (None, number) => visitor.visit_f64(number),
        }
    }

    pub(super) fn any_bigint<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text = self.literal_part(1).view.as_str().unwrap_or_default();
        if let Ok(value) = text.parse() {
            visitor.visit_u64(value)
        } else if let Ok(value) = text.parse() {
            visitor.visit_i64(value)
        } else {
            visitor.visit_str(&text)
        }
    }

    #[inline(never)]
    fn long_integer(self, expected: &dyn Expected) -> Result<Integer, DecodeError> {
        let found = match self.form() {
            Form::Number => self.number().and_then(integer_of_double),
            Form::BigInt => self.literal_part(1).view.as_str().and_then(|text| parse(&text)),
            _ => return Err(self.misfit(expected)),
        };
        found.ok_or_else(|| self.misfit_value(expected))
    }

    /// Of the right kind, but not the right value.
    #[cold]
    #[inline(never)]
    fn misfit_value(self, expected: &dyn Expected) -> DecodeError {
        let found = match (self.form(), self.number()) {
            (Form::Number, Some(number)) if number.is_nan() => String::from("NaN"),
            (Form::Number, Some(number)) if number.is_infinite() => {
                String::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            (Form::Number, _) => short_number(self.view.raw()),
            _ => short_number(&self.literal_part(1).view.as_str().unwrap_or_default()),
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
    if number.trunc() != number {
        return None;
    }
    if number >= 0.0 && number < 2.0_f64.powi(128) {
        Some(Integer::Unsigned(number as u128))
    } else if number < 0.0 && number >= -2.0_f64.powi(127) {
        Some(Integer::Signed(number as i128))
    } else {
        None
    }
}

fn parse(digits: &str) -> Option<Integer> {
    match digits.parse::<i128>() {
        Ok(value) if value < 0 => Some(Integer::Signed(value)),
        Ok(value) => Some(Integer::Unsigned(value.unsigned_abs())),
        Err(_) => digits.parse().ok().map(Integer::Unsigned),
    }
}

fn short_number(text: &str) -> String {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    match text {
        _ if text.len() <= 40 && text.bytes().all(is_number) => text.to_owned(),
        _ => shortened(text),
    }
}
