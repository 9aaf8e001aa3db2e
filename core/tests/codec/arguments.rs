use std::collections::BTreeMap;

use serde::Serialize;
use topsail_core::codec::{Expression, encode, encode_arguments, encode_into};
use topsail_core::{Date, Payload};

use super::{read, write};

fn list<T: Serialize>(arguments: T) -> Result<String, String> {
    let result = encode_arguments(&arguments);
    result.map(|payload| payload.text().to_owned()).map_err(|error| error.to_string())
}

#[test]
fn lists_are_not_escaped() {
    #[derive(Serialize)]
    struct Two(u8, [u8; 1]);
    #[derive(Serialize)]
    struct New<T>(T);
    let table = [
        (list(()), "[]"),
        (list([0_u8; 0]), "[]"),
        (list((1,)), "[1]"),
        (list((1, "a", [2])), r#"[1,"a",[[2]]]"#),
        (list(vec![(1, 2)]), "[[[1,2]]]"),
        (list(Two(1, [2])), "[1,[[2]]]"),
        (list(New((1, ((),)))), r#"[1,[[["undefined"]]]]"#),
        (list(Some([1])), "[1]"),
        (list((Date::from_millis(1.0), None::<u8>)), r#"[["date",1],null]"#),
    ];
    for (result, text) in table {
        assert_eq!(result.as_deref(), Ok(text));
    }
}

#[test]
fn other_values_are_no_lists() {
    #[derive(Serialize)]
    struct Object {
        a: u8,
    }
    #[derive(Serialize)]
    enum Variant {
        Tuple(u8, u8),
        Newtype([u8; 1]),
        Struct { a: u8 },
        Unit,
    }
    let refused = [
        list(5),
        list("a"),
        list(None::<u8>),
        list(Object { a: 1 }),
        list(BTreeMap::from([(1, 2)])),
        list(Date::from_millis(1.0)),
        list(topsail_core::Bytes(vec![])),
        list(Variant::Tuple(1, 2)),
        list(Variant::Newtype([1])),
        list(Variant::Struct { a: 1 }),
        list(Variant::Unit),
        list(u64::MAX),
    ];
    for result in refused {
        assert_eq!(
            result.unwrap_err(),
            "TypeError: the arguments of a call must be a tuple or an array"
        );
    }
}

#[test]
fn values_are_appended() {
    let mut payload = Payload::empty();
    encode_into(&mut payload, &[1]).unwrap();
    payload.text_mut().push(',');
    encode_into(&mut payload, "a").unwrap();
    assert_eq!(payload.text(), r#"[[1]],"a""#);
}

#[test]
fn siblings_are_not_depth() {
    #[derive(Serialize)]
    enum Variant {
        Tuple(u8, u8),
        Newtype(u8),
        Struct { a: u8 },
    }
    let triple = || [Variant::Tuple(1, 2), Variant::Newtype(1), Variant::Struct { a: 1 }];
    let many: Vec<_> = (0..300).map(|_| triple()).collect();
    assert!(encode(&many).is_ok());
}

/// A value of so many levels of one kind around a number.
enum Nested {
    Array(usize),
    Object(usize),
    Variant(usize),
}

impl Serialize for Nested {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Nested::Array(0) | Nested::Object(0) | Nested::Variant(0) => serializer.serialize_u8(0),
            Nested::Array(n) => serializer.collect_seq([Nested::Array(n - 1)]),
            Nested::Object(n) => serializer.collect_map([("a", Nested::Object(n - 1))]),
            Nested::Variant(n) => {
                serializer.serialize_newtype_variant("", 0, "a", &Nested::Variant(n - 1))
            }
        }
    }
}

const TOO_DEEP: &str = "TypeError: the value exceeded the maximum depth of 256";

#[test]
fn depth_is_limited_as_receivers_do() {
    for nested in [Nested::Array, Nested::Object, Nested::Variant] {
        assert!(encode(&nested(255)).is_ok());
        let error = encode(&nested(256)).unwrap_err().to_string();
        assert_eq!(error, TOO_DEEP);
        assert!(encode(&nested(10_000)).is_err());
        assert!(encode(&[nested(254), nested(254)]).is_ok());
    }
}

/// What one peer has sent must not end the session of another one.
#[test]
fn what_is_passed_on_counts_where_it_is_put() {
    for nested in [Nested::Array, Nested::Object, Nested::Variant] {
        let passed = |levels| read::<Expression>(&write(&nested(levels))).unwrap();
        assert_eq!(write(&passed(255)), write(&nested(255)));
        assert_eq!(list((passed(254), [passed(253)])).err(), None);
        assert_eq!(list((passed(255),)).err().as_deref(), Some(TOO_DEEP));
        assert_eq!(encode(&[passed(255)]).unwrap_err().to_string(), TOO_DEEP);
        assert_eq!(encode(&("x".repeat(600), passed(1))).err(), None);
    }
}
