use std::fmt;
use std::time::{Duration, SystemTime};

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::RpcError;
use crate::codec::names;

/// A `Date` of JavaScript: milliseconds since the Unix epoch, or an invalid date.
///
/// In other formats it is the number, or null.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use topsail_core::Date;
///
/// let date = Date::from(SystemTime::UNIX_EPOCH + Duration::from_millis(1749342170815));
/// assert_eq!(date.millis(), 1749342170815.0);
/// assert_eq!(topsail_core::codec::encode(&date)?.text(), r#"["date",1749342170815]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Date(f64);

/// What JavaScript can represent: 100 million days around the epoch.
const MOST_MILLIS: f64 = 8.64e15;

impl Date {
    /// An invalid date, as `new Date(NaN)`. It equals nothing, itself included.
    pub const INVALID: Date = Date(f64::NAN);

    /// A date by its milliseconds since the epoch, cut to whole ones as JavaScript does; invalid
    /// if they are not a number or beyond ±8.64e15.
    pub fn from_millis(millis: f64) -> Self {
        // Adding zero turns -0 into 0.
        if millis.abs() <= MOST_MILLIS { Date(millis.trunc() + 0.0) } else { Date::INVALID }
    }

    /// Milliseconds since the epoch; not-a-number if the date is invalid.
    pub fn millis(self) -> f64 {
        self.0
    }

    /// Whether it is a date at all.
    pub fn is_valid(self) -> bool {
        !self.0.is_nan()
    }
}

impl From<SystemTime> for Date {
    /// Cut to whole milliseconds, towards the past. Invalid beyond JavaScript's range.
    fn from(time: SystemTime) -> Self {
        let millis = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => since.as_millis() as f64,
            Err(before) => -(before.duration().as_nanos().div_ceil(1_000_000) as f64),
        };
        Date::from_millis(millis)
    }
}

impl TryFrom<Date> for SystemTime {
    type Error = RpcError;

    /// A `RangeError` for an invalid date, and for one that the platform's clock cannot hold.
    fn try_from(date: Date) -> Result<Self, RpcError> {
        if !date.is_valid() {
            return Err(RpcError::range_error("invalid date"));
        }
        let distance = Duration::from_millis(date.0.abs() as u64);
        let time = if date.0 < 0.0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        };
        time.ok_or_else(|| RpcError::range_error("date out of range"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::DATE, &self.is_valid().then_some(self.0))
    }
}

impl<'de> Deserialize<'de> for Date {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::DATE, DateVisitor)
    }
}

struct DateVisitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Date, D::Error> {
        let millis = Option::<f64>::deserialize(inner)?;
        Ok(Date::from_millis(millis.unwrap_or(f64::NAN)))
    }
}
