use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use topsail_core::codec::decode_absent;
use topsail_core::{
    BigInt, Blob, ByteArray, Bytes, Date, Headers, Request, Response, RpcError, RpcReadable,
    RpcStub, RpcWritable, Undefined, Url, Value,
};

use super::misfit;

/// A text of each kind of value, and what messages call it.
const KINDS: [(&str, &str); 17] = [
    (r#"["undefined"]"#, "undefined"),
    ("null", "null"),
    ("true", "a boolean"),
    ("1.5", "a number"),
    (r#"["nan"]"#, "a number"),
    ("\"x\"", "a string"),
    (r#""\ud800""#, "a string with an unpaired surrogate"),
    (r#"["bigint","1"]"#, "a bigint"),
    (r#"["date",0]"#, "a date"),
    (r#"["bytes","AQ"]"#, "bytes"),
    ("[[1]]", "an array"),
    (r#"{"a":1}"#, "an object"),
    (r#"["error","Error","x"]"#, "an error"),
    (r#"["url","a:b"]"#, "a URL"),
    (r#"["headers",[]]"#, "headers"),
    (r#"["request","a:b",{}]"#, "a request"),
    (r#"["response",null,{}]"#, "a response"),
];

/// The type takes the kinds named, and refuses the others in its words.
fn takes<T: for<'a> Deserialize<'a> + std::fmt::Debug>(expected: &str, kinds: &[&str]) {
    for (text, kind) in KINDS {
        if kinds.contains(&kind) {
            assert!(super::read::<T>(text).is_ok(), "{text} as {expected}");
        } else {
            misfit::<T>(text, &format!("expected {expected}, found {kind}"));
        }
    }
}

/// As [`takes`], for a type that is shown the number that it refuses.
fn takes_integers<T: for<'a> Deserialize<'a> + std::fmt::Debug>(expected: &str, bigint: bool) {
    for (text, kind) in KINDS {
        let found = match text {
            "1.5" => text,
            r#"["nan"]"# => "NaN",
            _ => kind,
        };
        if bigint && kind == "a bigint" {
            assert!(super::read::<T>(text).is_ok(), "{text} as {expected}");
        } else {
            misfit::<T>(text, &format!("expected {expected}, found {found}"));
        }
    }
    assert!(super::read::<T>("7").is_ok(), "7 as {expected}");
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct Point {
    a: f64,
}

#[derive(Debug, Deserialize)]
struct Unit;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only decoded")]
struct Newtype(f64);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "only decoded")]
enum Color {
    Red,
    Custom(String),
}

#[test]
fn each_type_against_each_kind() {
    takes::<bool>("a boolean", &["a boolean"]);
    takes::<f64>("a number", &["a number"]);
    takes::<f32>("a number", &["a number"]);
    takes::<String>("a string", &["a string"]);
    takes::<char>("a string of one character", &["a string"]);
    takes::<Vec<f64>>("an array", &["an array", "bytes"]);
    takes::<[f64; 1]>("an array of 1 element", &["an array", "bytes"]);
    takes::<(f64,)>("an array of 1 element", &["an array", "bytes"]);
    takes::<HashMap<String, f64>>("an object", &["an object"]);
    takes::<Point>("an object", &["an object"]);
    takes::<()>("undefined", &["undefined", "null"]);
    takes::<Undefined>("undefined", &["undefined"]);
    takes::<Date>("a date", &["a date"]);
    takes::<Bytes>("bytes", &["bytes"]);
    takes::<ByteArray>("bytes", &["bytes"]);
    takes::<Url>("a URL", &["a URL"]);
    takes::<RpcError>("an error", &["an error"]);
    takes::<RpcStub>("a stub (a function or an RpcTarget)", &[]);
    takes::<Option<bool>>("a boolean", &["a boolean", "undefined", "null"]);
    takes::<Option<Point>>("an object", &["an object", "undefined", "null"]);
    takes::<Headers>("headers", &["headers"]);
    takes::<Request>("a request", &["a request"]);
    takes::<Response>("a response", &["a response"]);
    takes::<Blob>("a blob", &[]);
    takes::<RpcReadable<u8>>("a readable stream", &[]);
    takes::<RpcWritable<u8>>("a writable stream", &[]);
    takes::<Unit>("undefined", &["undefined", "null"]);
    takes::<Newtype>("a number", &["a number"]);

    takes::<Box<str>>("a string", &["a string"]);
    takes::<Cow<'static, str>>("a string", &["a string"]);
}

#[test]
fn integers_against_each_kind() {
    takes_integers::<u8>("an integer from 0 to 255", false);
    takes_integers::<i8>("an integer from -128 to 127", false);
    takes_integers::<u16>("an integer from 0 to 65535", false);
    takes_integers::<i16>("an integer from -32768 to 32767", false);
    takes_integers::<u32>("an integer from 0 to 4294967295", false);
    takes_integers::<i32>("an integer from -2147483648 to 2147483647", false);
    takes_integers::<u64>("an integer from 0 to 18446744073709551615", true);
    takes_integers::<usize>("an integer from 0 to 18446744073709551615", true);
    takes_integers::<i64>("an integer from -9223372036854775808 to 9223372036854775807", true);
    takes_integers::<isize>("an integer from -9223372036854775808 to 9223372036854775807", true);
    takes_integers::<u128>("an integer from 0", true);
    takes_integers::<i128>("an integer", true);
    takes_integers::<BigInt>("a bigint", true);
}

#[test]
fn every_kind_is_a_value() {
    for (text, kind) in KINDS {
        match kind {
            "a string with an unpaired surrogate" => assert!(super::read::<Value>(text).is_err()),
            _ => assert_eq!(super::read::<Value>(text).unwrap().form().name(), kind),
        }
    }
}

#[test]
fn places() {
    misfit::<Vec<Vec<u8>>>(
        r#"[[[[]],[[1,"2"]]]]"#,
        "[1][1]: expected an integer from 0 to 255, found a string",
    );
    misfit::<HashMap<String, Point>>(r#"{"x":{"a":null}}"#, "x.a: expected a number, found null");
    misfit::<HashMap<String, Vec<HashMap<String, u8>>>>(
        r#"{"a":[[{},{},{},{"c":true}]]}"#,
        "a[3].c: expected an integer from 0 to 255, found a boolean",
    );
    misfit::<HashMap<String, bool>>(
        r#"{"a-b":1}"#,
        "[\"a-b\"]: expected a boolean, found a number",
    );
    misfit::<HashMap<String, bool>>(r#"{"":1}"#, "[\"\"]: expected a boolean, found a number");
    misfit::<HashMap<String, bool>>(
        r#"{"a\nb":1}"#,
        "[\"a\\nb\"]: expected a boolean, found a number",
    );
    misfit::<HashMap<u8, bool>>(
        r#"{"x":true}"#,
        "x: expected an integer from 0 to 255, found \"x\"",
    );
    let long = "k".repeat(1000);
    let shown = "k".repeat(64);
    misfit::<HashMap<String, bool>>(
        &format!(r#"{{"{long}":1}}"#),
        &format!("[\"{shown}\"…]: expected a boolean, found a number"),
    );
}

#[test]
fn structs_and_enums() {
    misfit::<Point>("{}", "a: missing");
    misfit::<Vec<Point>>(r#"[[{"a":1},{}]]"#, "[1].a: missing");
    misfit::<Point>(r#"{"a":1,"a":2}"#, "a: appears twice");
    misfit::<Point>(r#"{"a":["undefined"]}"#, "a: expected a number, found undefined");
    misfit::<Color>("\"blue\"", r#"expected one of "red", "custom", found "blue""#);
    misfit::<Color>("5", r#"expected one of "red", "custom", found a number"#);
    misfit::<Color>("{}", r#"expected one of "red", "custom", found an object"#);
    misfit::<Color>(
        r#"{"red":null,"custom":""}"#,
        r#"expected one of "red", "custom", found an object"#,
    );
    misfit::<Color>(r#"{"red":1}"#, "red: expected undefined, found a number");
    misfit::<Color>(r#"{"custom":1}"#, "custom: expected a string, found a number");
    misfit::<Color>("\"custom\"", "expected an object with one property, found a string");
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {}
    misfit::<Strict>(r#"{"b":1}"#, "b: unexpected property");
}

#[test]
fn lengths() {
    misfit::<(u8, u8)>("[[1]]", "expected an array of 2 elements, found 1 element");
    misfit::<(u8, u8)>("[[1,2,3]]", "expected an array of 2 elements, found 3 elements");
    misfit::<[u8; 1]>("[[]]", "expected an array of 1 element, found 0 elements");
    misfit::<[u8; 1]>(r#"["bytes","AQID"]"#, "expected an array of 1 element, found 3 elements");
    misfit::<char>("\"ab\"", "expected a string of one character, found \"ab\"");
    misfit::<char>("\"\"", "expected a string of one character, found \"\"");
}

#[test]
fn contents_of_forms() {
    misfit::<Bytes>(r#"["bytes","A"]"#, "expected bytes, found text that is not base64");
    misfit::<Bytes>(r#"["bytes","A*AA"]"#, "expected bytes, found text that is not base64");
    misfit::<Bytes>(r#"["bytes","AAé"]"#, "expected bytes, found text that is not base64");
    misfit::<Bytes>(r#"["bytes",5]"#, "expected bytes, found text that is not base64");
    misfit::<Bytes>(r#"["bytes","AA","Array"]"#, "expected bytes, found bytes in \"Array\"");
    misfit::<Bytes>(
        r#"["bytes","AAAA","Int16Array"]"#,
        "expected a multiple of 2 bytes for Int16Array, found 3",
    );
    misfit::<BigInt>(r#"["bigint","1.5"]"#, "expected a bigint in decimal digits");
    misfit::<BigInt>("1.5", "expected a bigint, found 1.5");
    misfit::<Url>(r#"["url","nowhere"]"#, "invalid URL");
    misfit::<Date>(r#"["date","5"]"#, "expected a number, found a string");
}

#[test]
fn texts_of_types_themselves() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "u8")]
    struct Odd;
    impl TryFrom<u8> for Odd {
        type Error = String;
        fn try_from(number: u8) -> Result<Self, String> {
            if number % 2 == 1 { Ok(Odd) } else { Err(format!("{number} is even")) }
        }
    }
    misfit::<Vec<Odd>>("[[1,2]]", "[1]: 2 is even");
}

#[test]
fn what_is_absent() {
    fn absent<T: Deserialize<'static>>() -> Result<T, String> {
        decode_absent::<T>().map_err(|error| error.to_string())
    }
    fn refuses<T: Deserialize<'static> + std::fmt::Debug>(expected: &str) {
        assert_eq!(absent::<T>().unwrap_err(), format!("expected {expected}, found undefined"));
    }
    assert_eq!(absent::<Option<u8>>(), Ok(None));
    assert_eq!(absent::<()>(), Ok(()));
    assert_eq!(absent::<Undefined>(), Ok(Undefined));
    assert_eq!(absent::<Value>(), Ok(Value::Undefined));
    refuses::<String>("a string");
    refuses::<bool>("a boolean");
    refuses::<f64>("a number");
    refuses::<u8>("an integer from 0 to 255");
    refuses::<i128>("an integer");
    refuses::<Vec<u8>>("an array");
    refuses::<HashMap<String, u8>>("an object");
    refuses::<Bytes>("bytes");
    refuses::<Date>("a date");
    refuses::<RpcError>("an error");
    refuses::<RpcStub>("a stub (a function or an RpcTarget)");
    refuses::<Color>(r#"one of "red", "custom""#);
}
