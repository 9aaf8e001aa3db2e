//! Types of other crates under `#[serde(with)]`.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use topsail_core::codec::encode;

use super::{misfit, reads, same};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Visit {
    #[serde(with = "topsail_core::with::system_time")]
    from: SystemTime,
    #[serde(default, with = "topsail_core::with::system_time::option")]
    to: Option<SystemTime>,
}

fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

#[test]
fn system_times() {
    same(r#"{"from":["date",5],"to":["date",7]}"#, Visit { from: at(5), to: Some(at(7)) });
    same(
        r#"{"from":["date",-1500],"to":null}"#,
        Visit { from: SystemTime::UNIX_EPOCH - Duration::from_millis(1500), to: None },
    );
    for to in ["", r#","to":["undefined"]"#, r#","to":null"#] {
        reads(&format!(r#"{{"from":["date",5]{to}}}"#), Visit { from: at(5), to: None });
    }
    let cut = Visit { from: SystemTime::UNIX_EPOCH - Duration::from_micros(1), to: None };
    assert_eq!(encode(&cut).unwrap().text(), r#"{"from":["date",-1],"to":null}"#);
    misfit::<Visit>(r#"{"from":["date",null]}"#, "from: invalid date");
    misfit::<Visit>(r#"{"from":5}"#, "from: expected a date, found a number");
    misfit::<Visit>(r#"{"from":["date",5],"to":["date",null]}"#, "to: invalid date");
}

/// One module: the type's text on the wire both ways, and what does not fit.
macro_rules! module {
    ($feature:literal, $test:ident, $type:ty, $with:literal, $option:literal, [$($value:expr => $text:literal),*], [$($bad:literal: $why:literal),*]) => {
        #[cfg(feature = $feature)]
        #[test]
        fn $test() {
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            struct One {
                #[serde(with = $with)]
                value: $type,
                #[serde(with = $option)]
                more: Option<$type>,
            }
            $(
                let value: $type = $value;
                let text = format!(r#"{{"value":{},"more":{}}}"#, $text, $text);
                same(&text, One { value: value.clone(), more: Some(value.clone()) });
                same(&format!(r#"{{"value":{},"more":null}}"#, $text), One { value, more: None });
            )*
            $(misfit::<One>(&format!(r#"{{"value":{}}}"#, $bad), concat!("value: ", $why));)*
        }
    };
}

module!(
    "jiff", jiff, jiff::Timestamp, "topsail_core::with::jiff", "topsail_core::with::jiff::option",
    [
        jiff::Timestamp::UNIX_EPOCH => r#"["date",0]"#,
        jiff::Timestamp::from_millisecond(-1).unwrap() => r#"["date",-1]"#,
        "2025-06-08T00:22:50.815Z".parse().unwrap() => r#"["date",1749342170815]"#
    ],
    [
        r#"["date",null]"#: "invalid date",
        r#"["date",8e15]"#: "date out of range",
        "5": "expected a date, found a number"
    ]
);

module!(
    "chrono", chrono, chrono::DateTime<chrono::Utc>, "topsail_core::with::chrono", "topsail_core::with::chrono::option",
    [
        chrono::DateTime::UNIX_EPOCH => r#"["date",0]"#,
        chrono::DateTime::from_timestamp_millis(-1).unwrap() => r#"["date",-1]"#,
        chrono::DateTime::from_timestamp_millis(1749342170815).unwrap() => r#"["date",1749342170815]"#
    ],
    [
        r#"["date",null]"#: "invalid date",
        r#"["date",8.64e15]"#: "date out of range",
        "\"x\"": "expected a date, found a string"
    ]
);

module!(
    "num-bigint", num_bigint, num_bigint::BigInt, "topsail_core::with::num_bigint", "topsail_core::with::num_bigint::option",
    [
        num_bigint::BigInt::from(0) => r#"["bigint","0"]"#,
        -(num_bigint::BigInt::from(1) << 100u32) => r#"["bigint","-1267650600228229401496703205376"]"#
    ],
    [
        "1.5": "expected a bigint, found 1.5",
        "null": "expected a bigint, found null"
    ]
);

#[cfg(feature = "jiff")]
#[test]
fn jiff_is_cut_towards_the_past() {
    let before = jiff::Timestamp::from_microsecond(-1).unwrap();
    assert_eq!(topsail_core::Date::from(before).millis(), -1.0);
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_is_cut_towards_the_past() {
    let before = chrono::DateTime::from_timestamp_micros(-1).unwrap();
    assert_eq!(topsail_core::Date::from(before).millis(), -1.0);
}
