use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use topsail_core::codec::encode;
use topsail_core::{BigInt, ByteArray, Bytes, Container, Date, Undefined, Url};

use super::{misfit, read, reads, same, write};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u32,
    name: String,
    tags: Vec<String>,
    active: bool,
    score: f64,
    joined: Date,
    avatar: Option<Bytes>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Box(u8, u8),
    Named { name: String },
}

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Id(u32);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[test]
fn plain_values() {
    same("true", true);
    same("\"a\\\"b\\\\c\\n\\u0001é😀\"", String::from("a\"b\\c\n\u{1}é😀"));
    same("\"é\"", 'é');
    same("null", None::<u8>);
    same("5", Some(5));
    same("5", Id(5));
    same(r#"["undefined"]"#, ());
    same(r#"["undefined"]"#, Unit);
    same(r#"["undefined"]"#, Undefined);
    same("[[]]", Vec::<u8>::new());
    same("[[1,[[2]]]]", (1, [2]));
    same(r#"[[1,"a"]]"#, Pair(1, String::from("a")));
    same("[[[[]],[[[[]]]]]]", vec![vec![], vec![Vec::<u8>::new()]]);
    for text in [r#""\ud800""#, r#""\udc00\udc00""#, r#""\ud800\ud800""#, r#""\ud800x""#] {
        assert!(read::<String>(text).is_err(), "{text}");
    }
    reads(r#""\ud83d\ude00\/\b\f""#, String::from("😀/\u{8}\u{c}"));
}

#[test]
fn nothing_in_its_ways() {
    for text in ["null", r#"["undefined"]"#] {
        reads(text, None::<String>);
        reads(text, ());
        reads(text, Unit);
    }
    reads("{}", HashMap::<String, u8>::new());
    reads(r#"{"a":["undefined"]}"#, HashMap::from([(String::from("a"), None::<u8>)]));
}

#[test]
fn special_forms() {
    same(r#"["date",1749342170815]"#, Date::from_millis(1749342170815.0));
    same(r#"["date",-1]"#, Date::from_millis(-1.5));
    same(r#"["bytes","AQID/w"]"#, Bytes::from(vec![1, 2, 3, 255]));
    same(r#"["bytes",""]"#, Bytes::default());
    same(r#"["url","https://example.com/"]"#, Url::parse("https://example.com/").unwrap());
    same(
        r#"["bigint","-12345678901234567890123"]"#,
        "-12345678901234567890123".parse::<BigInt>().unwrap(),
    );
    reads(r#"["bigint","-000"]"#, BigInt::from(0));
    reads("7.0", BigInt::from(7));
    reads(r#"["date",1.9]"#, Date::from_millis(1.0));
    assert!(!read::<Date>(r#"["date",null]"#).unwrap().is_valid());
    assert!(!read::<Date>(r#"["date",8.7e15]"#).unwrap().is_valid());
    assert_eq!(write(&Date::INVALID), r#"["date",null]"#);
}

#[test]
fn dates_and_system_times() {
    let times = [
        (SystemTime::UNIX_EPOCH, 0.0),
        (SystemTime::UNIX_EPOCH + Duration::from_micros(1999), 1.0),
        (SystemTime::UNIX_EPOCH - Duration::from_micros(1), -1.0),
        (SystemTime::UNIX_EPOCH - Duration::from_millis(5), -5.0),
    ];
    for (time, millis) in times {
        assert_eq!(Date::from(time).millis(), millis);
    }
    let date = Date::from_millis(-1500.0);
    assert_eq!(
        SystemTime::try_from(date),
        Ok(SystemTime::UNIX_EPOCH - Duration::from_millis(1500))
    );
    assert_eq!(SystemTime::try_from(Date::INVALID).unwrap_err().kind(), "RangeError");
}

#[test]
fn bytes_of_every_length_and_container() {
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 89 + length) as u8).collect();
        same(&write(&Bytes(bytes.clone())), Bytes(bytes));
    }
    let long = Bytes((0..5000).map(|at| (at % 251) as u8).collect());
    assert_eq!(read::<Bytes>(&write(&long)), Ok(long));
    for container in Container::ALL {
        let array = ByteArray::new(container, vec![7; 16]).unwrap();
        let name = match container {
            Container::Uint8Array => String::new(),
            _ => format!(",\"{}\"", container.name()),
        };
        same(&format!(r#"["bytes","BwcHBwcHBwcHBwcHBwcHBw"{name}]"#), array);
        assert_eq!(ByteArray::new(container, vec![0; 9]).is_ok(), container.element_bytes() == 1);
    }
}

#[test]
fn base64_is_read_leniently() {
    for text in [r#"["bytes","AQ"]"#, r#"["bytes","AQ=="]"#, r#"["bytes","AR=="]"#] {
        reads(text, Bytes(vec![1]));
    }
    reads(r#"["bytes","AQI="]"#, Bytes(vec![1, 2]));
    reads(r#"["bytes","\/\u002b\/+"]"#, Bytes(vec![255, 239, 254]));
    reads(r#"["bytes","AQI","Uint8Array"]"#, ByteArray::from(Bytes(vec![1, 2])));
}

#[test]
fn bytes_as_sequences() {
    reads(r#"["bytes","AQID"]"#, vec![1_u8, 2, 3]);
    reads(r#"["bytes","AQID"]"#, [1_u8, 2, 3]);
    reads(r#"["bytes","//8","Int8Array"]"#, vec![-1_i8, -1]);
    reads(r#"["bytes","AQD//w","Int16Array"]"#, vec![1_i32, -1]);
    reads(r#"["bytes","AQD//w","Uint16Array"]"#, vec![1_u64, 65535]);
    reads(r#"["bytes","/////w","Int32Array"]"#, vec![-1_i64]);
    reads(r#"["bytes","/////w","Uint32Array"]"#, vec![u32::MAX]);
    reads(r#"["bytes","AQI"]"#, vec![Id(1), Id(2)]);
    reads(r#"["bytes","AQI"]"#, vec![Some(1_u8), Some(2)]);
    misfit::<Vec<Date>>(r#"["bytes","AQI"]"#, "expected a date, found a number");
    reads(r#"["bytes","AACAPw","Float32Array"]"#, vec![1.0_f32]);
    reads(r#"["bytes","AAAAAAAA8D8","Float64Array"]"#, vec![1.0_f64]);
    reads(r#"["bytes","//////////8","BigInt64Array"]"#, vec![-1_i64]);
    reads(r#"["bytes","//////////8","BigUint64Array"]"#, vec![u64::MAX]);
    same("[[1,2]]", vec![1_u8, 2]);
}

#[test]
fn structs() {
    let text = concat!(
        r#"{"id":1,"name":"Ada","tags":[["a","b"]],"active":true,"score":98.5,"#,
        r#""joined":["date",5],"avatar":null}"#
    );
    let user = User {
        id: 1,
        name: String::from("Ada"),
        tags: vec![String::from("a"), String::from("b")],
        active: true,
        score: 98.5,
        joined: Date::from_millis(5.0),
        avatar: None,
    };
    same(text, user);
    let user: User = read(concat!(
        r#" { "extra": ["headers", [["a","b"]]], "score" : ["inf"], "id": 1e0, "joined": ["date",0],"#,
        r#" "toJSON": 1, "tags": [ [ ] ], "active": false, "na\u006de": "x" } "#
    ))
    .unwrap();
    assert_eq!((user.id, user.name.as_str(), user.score), (1, "x", f64::INFINITY));
    assert_eq!(user.avatar, None);
}

#[test]
fn enums() {
    same("\"Empty\"", Shape::Empty);
    same(r#"{"Circle":1.5}"#, Shape::Circle(1.5));
    same(r#"{"Box":[[1,2]]}"#, Shape::Box(1, 2));
    same(r#"{"Named":{"name":"a"}}"#, Shape::Named { name: String::from("a") });
    same(
        r#"[["Empty",{"Box":[[1,2]]},"Empty"]]"#,
        vec![Shape::Empty, Shape::Box(1, 2), Shape::Empty],
    );
    reads(r#"{"Empty":null}"#, Shape::Empty);
    reads(r#"{"Empty":["undefined"]}"#, Shape::Empty);
    same(r#"{"Ok":1}"#, Ok::<u8, u8>(1));
}

#[test]
fn maps_by_type_of_key() {
    same(r#"{"a":1,"b\"":2}"#, BTreeMap::from([(String::from("a"), 1), (String::from("b\""), 2)]));
    same(r#"{"-3":1,"4":2}"#, BTreeMap::from([(-3, 1), (4, 2)]));
    same(r#"{"340282366920938463463374607431768211455":1}"#, BTreeMap::from([(u128::MAX, 1)]));
    same(r#"{"-5":1}"#, BTreeMap::from([(-5_i128, 1)]));
    same(r#"{"false":1,"true":2}"#, BTreeMap::from([(false, 1), (true, 2)]));
    same(r#"{"é":1}"#, BTreeMap::from([('é', 1)]));
    same(r#"{"7":1}"#, BTreeMap::from([(Id(7), 1)]));
    reads(r#"{"a":1,"a":2}"#, BTreeMap::from([(String::from("a"), 2)]));
    let refused = encode(&BTreeMap::from([((1, 2), 3)])).unwrap_err();
    assert_eq!(refused.to_string(), "TypeError: the key of an object must be a string");
    assert!(encode(&HashMap::from([(Some(()), 3)])).is_err());
}

#[test]
fn properties_of_every_object_are_skipped() {
    let names = [
        "constructor",
        "toString",
        "toLocaleString",
        "valueOf",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "toJSON",
        r"\u005f_proto__",
    ];
    for name in names {
        let text = format!(r#"{{"{name}":{{"x":1}},"a":1}}"#);
        reads(&text, BTreeMap::from([(String::from("a"), 1)]));
    }
    reads(r#"{"toString2":1}"#, BTreeMap::from([(String::from("toString2"), 1)]));
}

#[test]
fn strings_are_borrowed_where_they_can_be() {
    #[derive(Deserialize)]
    struct Borrowing<'a> {
        plain: &'a str,
        #[serde(borrow)]
        either: Cow<'a, str>,
    }
    let text = r#"{"plain":"abc","either":"a\nb"}"#;
    let mut tape = topsail_core::json::Tape::default();
    tape.parse(text, 8).unwrap();
    let value: Borrowing<'_> = topsail_core::codec::decode(tape.view(text), &[]).unwrap();
    assert_eq!((value.plain, &*value.either), ("abc", "a\nb"));
    assert!(text.as_bytes().as_ptr_range().contains(&value.plain.as_ptr()));
}

#[test]
fn serde_attributes() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "camelCase")]
    enum Event {
        UserJoined { at: Date },
        Left { rest: Vec<u8> },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        a: u8,
        #[serde(default)]
        b: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, Either>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Many(Vec<Either>),
        // In serde's buffers strings take bytes too, and bytes sequences.
        Data(Bytes),
        Text(String),
        Url(Url),
    }
    same(
        r#"{"kind":"userJoined","at":["date",5]}"#,
        Event::UserJoined { at: Date::from_millis(5.0) },
    );
    same(r#"{"kind":"left","rest":[[1]]}"#, Event::Left { rest: vec![1] });
    let rest = [
        ("t", Either::Text(String::from("x"))),
        ("u", Either::Url(Url::parse("a:b").unwrap())),
        ("x", Either::Many(vec![Either::Number(1)])),
        ("y", Either::Data(Bytes(vec![1]))),
    ];
    let rest = rest.into_iter().map(|(key, value)| (String::from(key), value)).collect();
    let text = r#"{"a":1,"b":2,"t":"x","u":["url","a:b"],"x":[[1]],"y":["bytes","AQ"]}"#;
    same(text, Flat { a: 1, b: 2, rest });
    reads(r#"{"a":1}"#, Flat { a: 1, b: 0, rest: BTreeMap::new() });
}

#[test]
fn urls_that_receivers_parse() {
    let good = [
        "https://example.com",
        "HTTP://EXAMPLE.com:8080/a b?c#d",
        "https://user:pass@[::1]:80/",
        "ws:example.com",
        "mailto:a@b",
        "data:,x",
        "file:///x",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
    ];
    for text in good {
        assert!(Url::parse(text).is_ok(), "{text}");
    }
    let bad = [
        "",
        "example.com",
        "/a",
        "1a:b",
        "https:",
        "https://",
        "https:///?a",
        "http://a b/",
        "http://a:b/",
        "http://a:99999/",
        "http://[::1/",
        "http://[x]/",
        "http://[]/",
        "http://user@/",
        ":a",
        "http://a<b/",
    ];
    for text in bad {
        assert!(Url::parse(text).is_err(), "{text}");
    }
}
