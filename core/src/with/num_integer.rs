use std::str::FromStr;

use crate::{BigInt, RpcError};

impl From<num_bigint::BigInt> for BigInt {
    /// Of any size; receivers refuse more than [`BigInt::MAX_DIGITS`] digits.
    fn from(number: num_bigint::BigInt) -> Self {
        BigInt::from_digits(number.to_string())
    }
}

impl TryFrom<BigInt> for num_bigint::BigInt {
    type Error = RpcError;

    /// It always fits; parsing takes time in the square of the digits.
    fn try_from(number: BigInt) -> Result<Self, RpcError> {
        num_bigint::BigInt::from_str(number.as_str())
            .map_err(|_| RpcError::new("SyntaxError", "not an integer"))
    }
}
