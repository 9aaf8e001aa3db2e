//! The types of the codec under another serde format, `serde_json`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use topsail_core::{BigInt, ByteArray, Bytes, Container, Date, RpcError, Undefined, Url, Value};

fn json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, text: &str) {
    assert_eq!(serde_json::to_string(&value).unwrap(), text);
    assert_eq!(serde_json::from_str::<T>(text).unwrap(), value, "{text}");
}

#[test]
fn types_under_json() {
    json(Undefined, "null");
    json(Date::from_millis(5.0), "5.0");
    json(Bytes(vec![1, 255]), "[1,255]");
    json(ByteArray::from(Bytes(vec![1])), "[[1]]");
    json(ByteArray::new(Container::Int16Array, vec![1, 2]).unwrap(), r#"[[1,2],"Int16Array"]"#);
    json(BigInt::from(-5), "\"-5\"");
    json(Url::parse("a:b").unwrap(), "\"a:b\"");
    json(RpcError::type_error("x"), r#"{"name":"TypeError","message":"x"}"#);
    assert_eq!(serde_json::to_string(&Date::INVALID).unwrap(), "null");
    assert!(!serde_json::from_str::<Date>("null").unwrap().is_valid());
    assert_eq!(serde_json::from_str::<BigInt>("7").unwrap(), BigInt::from(7));
}

#[test]
fn errors_under_json() {
    let error = RpcError::error("x").with_prop("a", &[1]).with_cause(RpcError::error("y"));
    let text = serde_json::to_string(&error).unwrap();
    let props = r#"{\"a\":[[1]],\"cause\":[\"error\",\"Error\",\"y\"]}"#;
    assert_eq!(text, format!(r#"{{"name":"Error","message":"x","stack":null,"props":"{props}"}}"#));
    assert_eq!(serde_json::from_str::<RpcError>(&text).unwrap(), error);
    let hostile = [
        r#"{"a":[1]}"#,
        r#"{"a":["export",1]}"#,
        r#"{"a":["date","x"]}"#,
        r#"{"a":[]}"#,
        r#"{"a":{"b":["nonsense"]}}"#,
        "[1]",
        "{",
    ];
    for props in hostile {
        let map = serde_json::json!({ "name": "E", "message": "x", "props": props, "more": 1 });
        let error: RpcError = serde_json::from_value(map).unwrap();
        assert_eq!(error, RpcError::new("E", "x"), "{props}");
    }
}

#[test]
fn values_under_json() {
    let text = r#"{"a":[1.5,null,true,"x",{"b":-2.0}]}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), text);
    assert_eq!(serde_json::from_str::<Value>("7").unwrap(), Value::Number(7.0));
    let large = serde_json::from_str::<Value>("18446744073709551615").unwrap();
    assert_eq!(large, Value::BigInt(BigInt::from(u64::MAX)));
    for (text, double) in
        [("1152921504606846976", 2.0_f64.powi(60)), ("-9223372036854775808", -2.0_f64.powi(63))]
    {
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), Value::Number(double));
    }
    assert_eq!(serde_json::to_string(&Value::Undefined).unwrap(), "null");
}

#[test]
fn json_values_on_the_wire() {
    let value = serde_json::json!({ "a": [1, 2.5, "x", { "b": true }] });
    super::same(r#"{"a":[[1,2.5,"x",{"b":true}]]}"#, value);
    let zero: serde_json::Value = super::read("-0").unwrap();
    assert_eq!(zero.as_f64().map(f64::is_sign_negative), Some(true));
    // Serde does not tell the null of `serde_json` from `()`.
    super::reads("[[null]]", serde_json::json!([null]));
    assert_eq!(super::write(&serde_json::json!([null])), r#"[[["undefined"]]]"#);
    super::misfit::<serde_json::Value>(
        r#"{"a":["date",5]}"#,
        "a: expected any valid JSON value, found another kind of value",
    );
}
