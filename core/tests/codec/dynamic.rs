use std::collections::BTreeMap;

use serde::Deserialize;
use topsail_core::codec::{Expression, Form, Object};
use topsail_core::{BigInt, ByteArray, Bytes, Container, Date, RpcError, Url, Value};

use super::{read, reads, same, write};

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().collect())
}

#[test]
fn each_kind() {
    let floats = ByteArray::new(Container::Float32Array, vec![0, 0, 128, 63]).unwrap();
    let table = [
        (r#"["undefined"]"#, Value::Undefined),
        ("null", Value::Null),
        ("false", Value::Bool(false)),
        ("1.5", Value::Number(1.5)),
        (r#"["-inf"]"#, Value::Number(f64::NEG_INFINITY)),
        ("\"x\\n\"", Value::from("x\n")),
        (r#"["bigint","5"]"#, BigInt::from(5).into()),
        (r#"["date",5]"#, Date::from_millis(5.0).into()),
        (r#"["bytes","AQ"]"#, ByteArray::from(Bytes(vec![1])).into()),
        (r#"["bytes","AACAPw","Float32Array"]"#, floats.into()),
        ("[[]]", Value::Array(vec![])),
        ("[[1,[[]]]]", Value::Array(vec![Value::Number(1.0), Value::Array(vec![])])),
        ("{}", object([])),
        (
            r#"{"b":1,"a":{"":null}}"#,
            object([("b", Value::Number(1.0)), ("a", object([("", Value::Null)]))]),
        ),
        (r#"["error","TypeError","x"]"#, RpcError::type_error("x").into()),
        (r#"["url","a:b"]"#, Url::parse("a:b").unwrap().into()),
    ];
    for (text, value) in table {
        same(text, value);
    }
}

#[test]
fn expressions_are_kept() {
    for (text, form) in [
        (r#"["headers",[["a","b"],["c","d"]]]"#, Some("headers")),
        (r#"["date",5]"#, Some("date")),
        ("{}", None),
    ] {
        let expression: Expression = read(text).unwrap();
        assert_eq!(write(&expression), text);
        assert_eq!((expression.text(), expression.form()), (Some(text), form));
    }
    let other: Value = read(r#"["unheard",5]"#).unwrap();
    assert_eq!(other.form(), Form::Other);
}

#[test]
fn objects() {
    let mut object: Object = [("a", 3), ("b", 2)].into_iter().collect();
    let keys: Vec<_> = object.iter().map(|(key, _)| key.to_owned()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(object.get("a"), Some(&Value::Number(3.0)));
    assert_eq!(object.insert("c", "x"), None);
    assert_eq!(object.insert("b", true), Some(Value::Number(2.0)));
    assert_eq!(write(&object), r#"{"a":3,"b":true,"c":"x"}"#);
    assert_eq!(object.remove("a"), Some(Value::Number(3.0)));
    assert_eq!((object.remove("a"), object.len()), (None, 2));
    let mut twice: Object = read(r#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(twice.get("a"), Some(&Value::Number(3.0)));
    assert_eq!(twice.insert("a", 4), Some(Value::Number(3.0)));
    assert_eq!(twice.remove("a"), Some(Value::Number(4.0)));
    assert_eq!(write(&twice), r#"{"b":2}"#);
}

#[test]
fn undefined_and_null_stay_apart_in_structs() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Holder {
        value: Value,
        #[serde(default)]
        other: Value,
    }
    let holder = |value| Holder { value, other: Value::Undefined };
    reads(r#"{"value":null}"#, holder(Value::Null));
    reads(r#"{"value":["undefined"]}"#, holder(Value::Undefined));
}

#[test]
fn what_serde_buffers_becomes_plain() {
    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let text = concat!(
        r#"{"a":["undefined"],"b":["date",5],"c":["url","a:b"],"d":["bigint","7"],"#,
        r#""e":["error","TypeError","x",null,{"code":1,"name":2}],"f":["bytes","AQ"],"#,
        r#""g":["nan"],"h":["bigint","99999999999999999999"]}"#
    );
    let flat: Flat = read(text).unwrap();
    let error = object([
        ("name", "TypeError".into()),
        ("message", "x".into()),
        ("code", Value::Number(1.0)),
    ]);
    let table = [
        ("a", Value::Null),
        ("b", Value::Number(5.0)),
        ("c", Value::from("a:b")),
        ("d", Value::Number(7.0)),
        ("e", error),
        ("f", ByteArray::from(Bytes(vec![1])).into()),
        ("h", Value::from("99999999999999999999")),
    ];
    for (key, value) in table {
        assert_eq!(flat.rest.get(key), Some(&value), "{key}");
    }
    assert!(matches!(flat.rest["g"], Value::Number(number) if number.is_nan()));
}

#[test]
fn the_deepest_value_fits_a_small_stack() {
    let arrays = format!("{}{}", "[[".repeat(256), "]]".repeat(256));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(255), "}".repeat(255));
    let check = move || {
        for text in [&arrays, &objects] {
            let value: Value = read(text).unwrap();
            assert_eq!(write(&value), **text);
            drop(value.clone());
        }
    };
    // A Worker's instance has 1 MiB for everything. Frames of a debug build are larger.
    on_stack(if cfg!(debug_assertions) { 2048 } else { 512 }, check);
}

#[test]
fn hostile_depth_is_an_error() {
    let text = format!("{}{}", "[[".repeat(513), "]]".repeat(513));
    let mut tape = topsail_core::json::Tape::default();
    tape.parse(&text, usize::MAX).unwrap();
    on_stack(16384, move || {
        let error = topsail_core::codec::decode::<Value>(tape.view(&text), &[]).unwrap_err();
        assert_eq!(error.message(), "the value exceeded the maximum depth of 512");
        assert_eq!(error.path(), "[0]".repeat(512));
    });
}

/// Variants nest without arrays and objects of types.
#[test]
fn hostile_depth_of_variants_is_an_error() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only decoded")]
    enum Nested {
        #[serde(rename = "a")]
        Inner(Box<Nested>),
    }
    let text = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    let mut tape = topsail_core::json::Tape::default();
    tape.parse(&text, usize::MAX).unwrap();
    on_stack(16384, move || {
        let error = topsail_core::codec::decode::<Nested>(tape.view(&text), &[]).unwrap_err();
        assert_eq!(error.message(), "the value exceeded the maximum depth of 512");
    });
}

/// Serde's buffers take an error apart.
#[test]
fn hostile_depth_of_errors_is_an_error() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only decoded")]
    enum Either {
        Text(String),
    }
    let error = r#"["error","E","",null,{"cause":"#;
    let text = format!("{}1{}", error.repeat(50_000), "}]".repeat(50_000));
    let mut tape = topsail_core::json::Tape::default();
    tape.parse(&text, usize::MAX).unwrap();
    on_stack(16384, move || {
        let error = topsail_core::codec::decode::<Either>(tape.view(&text), &[]).unwrap_err();
        assert_eq!(error.message(), "the value exceeded the maximum depth of 512");
    });
}

fn on_stack(kibibytes: usize, check: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(kibibytes << 10).spawn(check);
    thread.unwrap().join().unwrap();
}
