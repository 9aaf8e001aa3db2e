use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use crate::RpcError;
use crate::codec::names;

/// A `bigint` of JavaScript of any size, as decimal text. It does no arithmetic: convert it to
/// and from `i128`, or use its digits with a crate for large numbers.
///
/// In other formats it is a string.
///
/// ```
/// use topsail_core::BigInt;
///
/// let number: BigInt = "-123456789012345678901234567890".parse()?;
/// assert_eq!(i128::try_from(&number)?, -123456789012345678901234567890);
/// assert_eq!(number, BigInt::from(-123456789012345678901234567890_i128));
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BigInt(Box<str>);

impl BigInt {
    /// The longest text, the sign included: the default limit of receivers (npm `capnweb` 0.12.0).
    pub const MAX_DIGITS: usize = 16_384;

    /// The decimal digits, without leading zeros, with a `-` before a negative number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Of decimal digits as [`as_str`](Self::as_str) gives them.
    #[cfg(feature = "num-bigint")]
    pub(crate) fn from_digits(digits: String) -> Self {
        BigInt(digits.into_boxed_str())
    }

    /// The number of a text as JavaScript's `BigInt()` reads it, but only decimal.
    fn parse(text: &str) -> Option<BigInt> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        Some(match digits.trim_start_matches('0') {
            "" => BigInt("0".into()),
            digits => BigInt(format!("{sign}{digits}").into_boxed_str()),
        })
    }
}

impl FromStr for BigInt {
    type Err = RpcError;

    /// A `SyntaxError` for text that is not decimal, a `RangeError` for text too long.
    fn from_str(text: &str) -> Result<Self, RpcError> {
        let number =
            BigInt::parse(text).ok_or_else(|| RpcError::new("SyntaxError", "not an integer"))?;
        if number.0.len() > BigInt::MAX_DIGITS {
            return Err(RpcError::range_error("integer too long"));
        }
        Ok(number)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {
        $(
            impl From<$integer> for BigInt {
                fn from(number: $integer) -> Self {
                    BigInt(number.to_string().into_boxed_str())
                }
            }
        )*
    };
}
from_integers!(i32 u32 i64 u64 i128 u128);

impl TryFrom<&BigInt> for i128 {
    type Error = RpcError;

    /// A `RangeError` if the number does not fit.
    fn try_from(number: &BigInt) -> Result<Self, RpcError> {
        number.0.parse().map_err(|_| RpcError::range_error("integer out of range"))
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::BIGINT, &*self.0)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::BIGINT, BigIntVisitor)
    }
}

struct BigIntVisitor;

impl<'de> Visitor<'de> for BigIntVisitor {
    type Value = BigInt;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bigint")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BigInt, E> {
        BigInt::parse(text).ok_or_else(|| E::custom("expected a bigint in decimal digits"))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<BigInt, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<BigInt, E> {
        Ok(number.into())
    }

    /// Another format, or serde's buffer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<BigInt, D::Error> {
        inner.deserialize_any(self)
    }
}
