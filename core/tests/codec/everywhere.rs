//! Every type of Rust in every place that a value can stand in, both ways.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt::Debug;
use std::num::{NonZeroU64, Wrapping};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use topsail_core::codec::encode_arguments;
use topsail_core::{
    BigInt, Body, ByteArray, Bytes, Container, Date, Headers, Request, Response, RpcError,
    Undefined, Url, Value,
};

use super::{misfit, read, reads, same, write};

trait Row: Clone + Serialize + DeserializeOwned + PartialEq + Debug {}

impl<T: Clone + Serialize + DeserializeOwned + PartialEq + Debug> Row for T {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Newtype<T>(T);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair<T>(T, T);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fields<T> {
    value: T,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Variant<T> {
    Newtype(T),
    Tuple(T, T),
    Struct { value: T },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent<T> {
    Newtype(T),
    Tuple(T, T),
    Struct { value: T },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Internal<T> {
    Struct { value: T },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged<T> {
    Struct { value: T },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat<T> {
    #[serde(flatten)]
    inner: Fields<T>,
}

/// In all that is decoded without serde's buffers.
fn everywhere<T: Row>(text: &str, value: T) {
    let v = || value.clone();
    let key = || String::from("k");
    same(text, v());
    same(text, Newtype(v()));
    same(text, Box::new(v()));
    same(&format!("[[{text},{text}]]"), vec![v(), v()]);
    same(&format!("[[{text}]]"), [v()]);
    same(&format!("[[{text},{text}]]"), Pair(v(), v()));
    same(&format!("[[[[{text}]],null,{text}]]"), ((v(),), None::<u8>, v()));
    same(&format!(r#"{{"k":{text}}}"#), BTreeMap::from([(key(), v())]));
    same(&format!(r#"{{"value":{text}}}"#), Fields { value: v() });
    same(&format!(r#"{{"Newtype":{text}}}"#), Variant::Newtype(v()));
    same(&format!(r#"{{"Tuple":[[{text},{text}]]}}"#), Variant::Tuple(v(), v()));
    same(&format!(r#"{{"Struct":{{"value":{text}}}}}"#), Variant::Struct { value: v() });
    same(&format!(r#"{{"t":"Newtype","c":{text}}}"#), Adjacent::Newtype(v()));
    same(&format!(r#"{{"t":"Tuple","c":[[{text},{text}]]}}"#), Adjacent::Tuple(v(), v()));
    same(&format!(r#"{{"t":"Struct","c":{{"value":{text}}}}}"#), Adjacent::Struct { value: v() });
    assert_eq!(encode_arguments(&(v(), [v()])).unwrap().text(), format!("[{text},[[{text}]]]"));
    // Null and undefined are no value of an `Option`.
    let is_none = text == "null" || text == r#"["undefined"]"#;
    reads(text, if is_none { None } else { Some(v()) });
    let dynamic: Value = read(&format!(r#"{{"k":[[{text}]]}}"#)).unwrap();
    assert_eq!(write(&dynamic), format!(r#"{{"k":[[{text}]]}}"#));
}

/// Behind serde's buffers too.
fn and_buffered<T: Row>(text: &str, value: T) {
    let v = || value.clone();
    everywhere(text, v());
    same(&format!(r#"{{"t":"Struct","value":{text}}}"#), Internal::Struct { value: v() });
    same(&format!(r#"{{"value":{text}}}"#), Untagged::Struct { value: v() });
    same(&format!(r#"{{"value":{text}}}"#), Flat { inner: Fields { value: v() } });
    // An adjacent content that comes before its tag is buffered.
    reads(&format!(r#"{{"c":{text},"t":"Newtype"}}"#), Adjacent::Newtype(v()));
}

#[test]
fn scalars() {
    and_buffered("true", true);
    and_buffered("\"x\\n\"", String::from("x\n"));
    and_buffered("\"x\"", Cow::<'static, str>::Borrowed("x"));
    and_buffered("\"é\"", 'é');
    and_buffered(r#"["undefined"]"#, ());
    and_buffered("1.5", 1.5_f64);
    and_buffered("0.1", 0.1_f32);
    and_buffered(r#"["inf"]"#, f64::INFINITY);
    and_buffered(r#"["-inf"]"#, f64::NEG_INFINITY);
    and_buffered(r#"["-inf"]"#, f32::NEG_INFINITY);
    and_buffered("null", None::<u8>);
    and_buffered("5", Some(5));
}

#[test]
fn integers() {
    and_buffered("255", u8::MAX);
    and_buffered("-128", i8::MIN);
    and_buffered("65535", u16::MAX);
    and_buffered("-32768", i16::MIN);
    and_buffered("4294967295", u32::MAX);
    and_buffered("-2147483648", i32::MIN);
    and_buffered("9007199254740992", 1_u64 << 53);
    and_buffered("9007199254740992", 1_usize << 53);
    and_buffered(r#"["bigint","9007199254740993"]"#, (1_u64 << 53) + 1);
    and_buffered(r#"["bigint","18446744073709551615"]"#, u64::MAX);
    and_buffered(r#"["bigint","-9223372036854775808"]"#, i64::MIN);
    and_buffered(r#"["bigint","-9223372036854775808"]"#, isize::MIN);
    and_buffered("7", NonZeroU64::new(7).unwrap());
    and_buffered("7", Wrapping(7));
    everywhere(r#"["bigint","-170141183460469231731687303715884105728"]"#, i128::MIN);
    everywhere(r#"["bigint","340282366920938463463374607431768211455"]"#, u128::MAX);
    everywhere(r#"["bigint","5"]"#, 5_i128);
}

#[test]
fn not_a_number() {
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Number(f64);
    impl PartialEq for Number {
        fn eq(&self, other: &Self) -> bool {
            self.0.is_nan() && other.0.is_nan()
        }
    }
    and_buffered(r#"["nan"]"#, Number(f64::NAN));
}

#[test]
fn compounds() {
    and_buffered("[[1,2]]", vec![1, 2]);
    and_buffered("[[1,2]]", VecDeque::from([1, 2]));
    and_buffered("[[1,2]]", BTreeSet::from([1, 2]));
    and_buffered("[[1]]", HashSet::from([1]));
    and_buffered("[[]]", Vec::<u8>::new());
    and_buffered("[[1,\"a\"]]", (1, String::from("a")));
    and_buffered("{}", BTreeMap::<String, u8>::new());
    and_buffered(r#"{"a":[[null]]}"#, BTreeMap::from([(String::from("a"), vec![None::<u8>])]));
    and_buffered(r#"{"Ok":1}"#, Ok::<u8, String>(1));
    and_buffered(r#"{"secs":1,"nanos":5}"#, Duration::new(1, 5));
    and_buffered(r#"{"start":1,"end":3}"#, 1..3);
    and_buffered("\"127.0.0.1\"", std::net::Ipv4Addr::LOCALHOST);
}

#[test]
fn types_of_the_protocol() {
    let headers = Headers::from_pairs([("a", "b"), ("a", "c")]).unwrap();
    let floats = ByteArray::new(Container::Float32Array, vec![0, 0, 128, 63]).unwrap();
    and_buffered(r#"["date",1749342170815]"#, Date::from_millis(1749342170815.0));
    and_buffered(r#"["bytes","AQID/w"]"#, Bytes(vec![1, 2, 3, 255]));
    and_buffered(r#"["bigint","99999999999999999999"]"#, {
        "99999999999999999999".parse::<BigInt>().unwrap()
    });
    and_buffered(r#"["url","https://example.com/"]"#, Url::parse("https://example.com/").unwrap());
    and_buffered(r#"["error","RangeError","x"]"#, RpcError::range_error("x"));
    and_buffered(r#"["headers",[["a","b"],["a","c"]]]"#, headers);
    and_buffered(r#"["undefined"]"#, Undefined);
    everywhere(r#"["bytes","AACAPw","Float32Array"]"#, floats);
    let mut request = Request::new(Url::parse("https://a/").unwrap());
    request.set_method("PUT").unwrap();
    everywhere(r#"["request","https://a/",{"method":"PUT"}]"#, request);
    everywhere(r#"["response","x",{}]"#, Response::new(Body::from("x")));
}

#[test]
fn errors_with_all_they_have() {
    let text = r#"["error","RangeError","x",null,{"code":"E","cause":["error","Error","y"]}]"#;
    let error = RpcError::range_error("x").with_prop("code", "E").with_cause(RpcError::error("y"));
    everywhere(text, error);
    let fields = || Fields { value: RpcError::range_error("x") };
    reads(&format!(r#"{{"value":{text}}}"#), Flat { inner: fields() });
}

#[test]
fn what_serde_does_not_buffer() {
    let integer = r#"{"value":["bigint","99999999999999999999"]}"#;
    misfit::<Flat<i128>>(integer, "i128 is not supported");
    let floats = r#"{"value":["bytes","AACAPw","Float32Array"]}"#;
    reads(floats, Flat { inner: Fields { value: ByteArray::from(Bytes(vec![0, 0, 128, 63])) } });
    misfit::<Flat<Vec<f32>>>(floats, "expected an array, found bytes");
    let request = r#"{"value":["request","https://a/",{}]}"#;
    misfit::<Flat<Request>>(request, "value: expected any value, found a request");
}

#[test]
fn dynamic_values() {
    for text in [
        "null",
        r#"["undefined"]"#,
        "1.5",
        "\"x\"",
        r#"["bigint","5"]"#,
        r#"["date",5]"#,
        r#"["bytes","AQ"]"#,
        r#"["error","TypeError","x"]"#,
        r#"["url","a:b"]"#,
        r#"["headers",[]]"#,
        "[[1,[[]]]]",
        r#"{"b":1,"a":{"":null}}"#,
    ] {
        everywhere(text, read::<Value>(text).unwrap());
    }
}
