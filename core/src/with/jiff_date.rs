use jiff::Timestamp;

use crate::{Date, RpcError};

impl From<Timestamp> for Date {
    /// Cut to whole milliseconds, towards the past.
    fn from(time: Timestamp) -> Self {
        Date::from_millis(time.as_nanosecond().div_euclid(1_000_000) as f64)
    }
}

impl TryFrom<Date> for Timestamp {
    type Error = RpcError;

    /// A `RangeError` for an invalid date, and for one outside the years -9999 to 9999.
    fn try_from(date: Date) -> Result<Self, RpcError> {
        if !date.is_valid() {
            return Err(RpcError::range_error("invalid date"));
        }
        let time = Timestamp::from_millisecond(date.millis() as i64);
        time.map_err(|_| RpcError::range_error("date out of range"))
    }
}
