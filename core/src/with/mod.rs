//! Types of other crates as values of the protocol, for `#[serde(with = "…")]`.
//!
//! | module | type | on the wire | feature |
//! | --- | --- | --- | --- |
//! | [`system_time`] | [`std::time::SystemTime`] | `Date` | |
#![cfg_attr(
    feature = "jiff",
    doc = "| [`jiff`] | [`jiff::Timestamp`](::jiff::Timestamp) | `Date` | `jiff` |"
)]
#![cfg_attr(
    feature = "chrono",
    doc = "| [`chrono`] | [`chrono::DateTime<Utc>`](::chrono::DateTime) | `Date` | `chrono` |"
)]
#![cfg_attr(
    feature = "num-bigint",
    doc = "| [`num_bigint`] | [`num_bigint::BigInt`](::num_bigint::BigInt) | `bigint` | `num-bigint` |"
)]
//!
//! Each has a module `option` inside it, for an `Option` of the type: null, `undefined` and, with
//! `#[serde(default)]`, what is missing are `None`. By itself, serde writes these types in shapes of
//! their own, which JavaScript does not take for dates and bigints.
//!
//! A parameter of a method has no attributes: it is a [`Date`](crate::Date) or a
//! [`BigInt`](crate::BigInt), which convert by `From` and `TryFrom`.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use std::time::{Duration, SystemTime};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Visit {
//!     #[serde(with = "topsail_core::with::system_time")]
//!     from: SystemTime,
//!     #[serde(default, with = "topsail_core::with::system_time::option")]
//!     to: Option<SystemTime>,
//! }
//! let from = SystemTime::UNIX_EPOCH + Duration::from_millis(1749342170815);
//! let payload = topsail_core::codec::encode(&Visit { from, to: None })?;
//! assert_eq!(payload.text(), r#"{"from":["date",1749342170815],"to":null}"#);
//! # Ok::<(), topsail_core::RpcError>(())
//! ```

#[cfg(feature = "chrono")]
mod chrono_date;
#[cfg(feature = "jiff")]
mod jiff_date;
#[cfg(feature = "num-bigint")]
mod num_integer;

/// The functions that `#[serde(with)]` wants, by the conversions of a type of the wire.
macro_rules! with {
    ($(#[$doc:meta])* $module:ident: $type:ty, as $wire:ident) => {
        $(#[$doc])*
        pub mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            use crate::$wire;

            /// Writes the value as the protocol has it.
            ///
            /// # Errors
            ///
            /// Those of the serializer.
            pub fn serialize<S: Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $wire::from(value.clone()).serialize(serializer)
            }

            /// Reads the value as the protocol has it.
            ///
            /// # Errors
            ///
            /// If it is of another kind, or the type cannot hold it.
            pub fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                convert($wire::deserialize(deserializer)?)
            }

            fn convert<E: serde::de::Error>(value: $wire) -> Result<$type, E> {
                <$type>::try_from(value).map_err(|error| E::custom(error.message()))
            }

            /// The same for an `Option`.
            pub mod option {
                use super::*;

                /// Writes the value, or null.
                ///
                /// # Errors
                ///
                /// Those of the serializer.
                pub fn serialize<S: Serializer>(
                    value: &Option<$type>,
                    serializer: S,
                ) -> Result<S::Ok, S::Error> {
                    value.clone().map($wire::from).serialize(serializer)
                }

                /// Reads the value; null and `undefined` are none.
                ///
                /// # Errors
                ///
                /// If it is of another kind, or the type cannot hold it.
                pub fn deserialize<'de, D: Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Option<$type>, D::Error> {
                    Option::<$wire>::deserialize(deserializer)?.map(convert).transpose()
                }
            }
        }
    };
}

with! {
    /// [`SystemTime`](std::time::SystemTime) as a `Date`, cut to milliseconds.
    ///
    /// An invalid date, and one that the platform's clock cannot hold, do not decode.
    system_time: std::time::SystemTime, as Date
}
#[cfg(feature = "jiff")]
with! {
    /// [`jiff::Timestamp`](::jiff::Timestamp) as a `Date`, cut to milliseconds.
    ///
    /// An invalid date, and one beyond jiff's range, do not decode.
    jiff: ::jiff::Timestamp, as Date
}
#[cfg(feature = "chrono")]
with! {
    /// [`chrono::DateTime<Utc>`](::chrono::DateTime) as a `Date`, cut to milliseconds.
    ///
    /// An invalid date, and one beyond chrono's range, do not decode.
    chrono: ::chrono::DateTime<::chrono::Utc>, as Date
}
#[cfg(feature = "num-bigint")]
with! {
    /// [`num_bigint::BigInt`](::num_bigint::BigInt) as a `bigint`.
    ///
    /// One of more than [`BigInt::MAX_DIGITS`](crate::BigInt::MAX_DIGITS) digits is refused by
    /// receivers.
    num_bigint: ::num_bigint::BigInt, as BigInt
}
