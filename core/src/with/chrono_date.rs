use chrono::{DateTime, TimeZone, Utc};

use crate::{Date, RpcError};

impl<Zone: TimeZone> From<DateTime<Zone>> for Date {
    /// Cut to whole milliseconds, towards the past.
    fn from(time: DateTime<Zone>) -> Self {
        Date::from_millis(time.timestamp_millis() as f64)
    }
}

impl TryFrom<Date> for DateTime<Utc> {
    type Error = RpcError;

    /// A `RangeError` for an invalid date, and for one beyond chrono's range.
    fn try_from(date: Date) -> Result<Self, RpcError> {
        if !date.is_valid() {
            return Err(RpcError::range_error("invalid date"));
        }
        let time = DateTime::from_timestamp_millis(date.millis() as i64);
        time.ok_or_else(|| RpcError::range_error("date out of range"))
    }
}
