//! Headers, requests and responses.

use topsail_core::codec::Object;
use topsail_core::{Body, Bytes, Headers, Request, Response, Url, Value};

use super::{misfit, read, reads, same, write};

fn headers(pairs: &[(&str, &str)]) -> Headers {
    Headers::from_pairs(pairs.iter().copied()).unwrap()
}

fn request(method: &str, body: Body) -> Request {
    let mut request = Request::new(Url::parse("https://a/").unwrap());
    request.set_method(method).unwrap();
    request.set_body(body);
    request
}

fn response(status: u16, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body);
    response.set_status(status).unwrap();
    response
}

#[test]
fn headers_on_the_wire() {
    same(r#"["headers",[]]"#, Headers::new());
    same(r#"["headers",[["a","b"]]]"#, headers(&[("a", "b")]));
    same(
        r#"["headers",[["set-cookie","a=1"],["x","[[\"y\"]]"],["set-cookie",""]]]"#,
        headers(&[("set-cookie", "a=1"), ("x", "[[\"y\"]]"), ("set-cookie", "")]),
    );
    same(r#"["headers",[["export","-1"],["bytes","QQ=="]]]"#, {
        headers(&[("export", "-1"), ("bytes", "QQ==")])
    });
    same(r#"[[["headers",[]],["headers",[["a","é"]]]]]"#, [headers(&[]), headers(&[("a", "é")])]);
    reads(r#"["headers",[["A-b"," c\t"]]]"#, headers(&[("a-b", "c")]));
    misfit::<Headers>("{}", "expected headers, found an object");
    misfit::<Headers>(r#"["headers",{}]"#, "expected headers, found an object");
    misfit::<Headers>(
        r#"["headers",[["a"]]]"#,
        "[0]: expected an array of 2 elements, found 1 element",
    );
    misfit::<Headers>(r#"["headers",[["a",1]]]"#, "[0][1]: expected a string, found a number");
    misfit::<Headers>(r#"["headers",[["a b","c"]]]"#, "invalid name of a header");
    misfit::<Headers>(r#"["headers",[["a","b\nc"]]]"#, "invalid value of a header");
}

#[test]
fn names_and_values_of_headers() {
    for name in ["", " a", "a:", "é", "a\0", "(a)", "a b"] {
        assert!(Headers::new().append(name, "x").is_err(), "{name:?}");
    }
    for value in ["a\0", "a\nb", "a\rb"] {
        assert!(Headers::new().append("a", value).is_err(), "{value:?}");
    }
    let mut all = headers(&[("Accept", "a"), ("x-y", "\r\n 1 \t"), ("ACCEPT", "b")]);
    assert_eq!(all.get("accept").as_deref(), Some("a, b"));
    assert_eq!(all.get_all("Accept").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((all.get("X-Y").as_deref(), all.get("z")), (Some("1"), None));
    assert!(all.set("Accept", "\n\n x\ny").is_err());
    assert_eq!(all.len(), 3);
    all.set("aCCEPT", "c").unwrap();
    let pairs: Vec<_> = all.iter().collect();
    assert_eq!(pairs, [("x-y", "1"), ("accept", "c")]);
    all.remove("X-y");
    assert!(all.contains("accept") && !all.contains("x-y") && !all.is_empty());
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [("accept".into(), "c".into())]);
}

#[test]
fn requests() {
    same(r#"["request","https://a/",{}]"#, request("GET", Body::Empty));
    same(r#"["request","https://a/",{"method":"DELETE"}]"#, request("DELETE", Body::Empty));
    for (text, body) in [
        (r#""""#, Body::from("")),
        (r#""[[\"x\"]]""#, Body::from("[[\"x\"]]")),
        (r#"["bytes","AQ"]"#, Body::from(vec![1])),
        (r#"["bytes",""]"#, Body::Bytes(Bytes::default())),
    ] {
        let init = format!(r#"{{"method":"POST","body":{text},"duplex":"half"}}"#);
        let mut whole = request("POST", body);
        assert_eq!(write(&whole), format!(r#"["request","https://a/",{init}]"#));
        whole.set_init("duplex", "half").unwrap();
        same(&format!(r#"["request","https://a/",{init}]"#), whole);
    }
    let mut full = request("PUT", Body::Empty);
    *full.headers_mut() = headers(&[("a", "b"), ("a", "c")]);
    full.set_init("redirect", "manual").unwrap();
    let list = Value::Array(vec![Value::Number(1.0), Value::Array(vec![])]);
    let cf: Object = [("list", list), ("deep", Value::Object(Object::new()))].into_iter().collect();
    full.set_init("cf", cf).unwrap();
    same(
        concat!(
            r#"["request","https://a/",{"method":"PUT","headers":[["a","b"],["a","c"]],"#,
            r#""redirect":"manual","cf":{"list":[1,[]],"deep":{}}}]"#
        ),
        full,
    );
    same(r#"{"a":[[["request","https://a/",{}]]]}"#, {
        std::collections::BTreeMap::from([(String::from("a"), vec![request("GET", Body::Empty)])])
    });
}

#[test]
fn responses() {
    same(r#"["response",null,{}]"#, Response::default());
    same(r#"["response","",{}]"#, Response::new(""));
    same(r#"["response",["bytes","AQ"],{"status":599}]"#, response(599, vec![1]));
    same(r#"["response",null,{"status":204}]"#, response(204, Body::Empty));
    let mut full = response(404, "x");
    full.set_status_text("Nowhere, é").unwrap();
    full.headers_mut().append("x-test", "yes").unwrap();
    full.set_init("encodeBody", "manual").unwrap();
    same(
        concat!(
            r#"["response","x",{"status":404,"statusText":"Nowhere, é","#,
            r#""headers":[["x-test","yes"]],"encodeBody":"manual"}]"#
        ),
        full,
    );
    reads(r#"["response",["bytes","AQ==","Uint8Array"],{}]"#, Response::new(vec![1]));
}

#[test]
fn what_javascript_would_not_take() {
    let url = || Request::new(Url::parse("https://a/").unwrap());
    for method in ["", "a b", "CONNECT", "trace", "Track"] {
        assert!(url().set_method(method).is_err(), "{method}");
    }
    for status in [0, 101, 199, 600] {
        assert_eq!(Response::default().set_status(status).unwrap_err().kind(), "RangeError");
    }
    assert!(Response::default().set_status_text("a\nb").is_err());
    for (name, value) in [
        ("method", Value::from("PUT")),
        ("headers", Value::Array(vec![])),
        ("body", Value::from("x")),
        ("redirect", Value::from("x")),
        ("redirect", Value::Null),
        ("cache", Value::Bool(true)),
        ("integrity", Value::Number(1.0)),
        ("keepalive", Value::from("yes")),
        ("signal", Value::Object(Object::new())),
        ("webSocket", Value::Bool(true)),
        ("cf", Value::from("x")),
        ("other", Value::Undefined),
        ("other", Value::Number(f64::NAN)),
        ("other", Value::Array(vec![Bytes::default().into_value()])),
    ] {
        assert!(url().set_init(name, value.clone()).is_err(), "{name}: {value:?}");
    }
    let long = url().set_init(&"x".repeat(1000), Value::Undefined).unwrap_err();
    assert_eq!(long.message(), format!("not a member of init: {}…", "x".repeat(100)));
    for body in [Body::from(""), Body::from(vec![1])] {
        assert!(topsail_core::codec::encode(&request("GET", body.clone())).is_err());
        assert!(topsail_core::codec::encode(&request("head", body.clone())).is_err());
        assert!(topsail_core::codec::encode(&response(304, body)).is_err());
    }
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Bytes {
    fn into_value(self) -> Value {
        topsail_core::ByteArray::from(self).into()
    }
}

#[test]
fn misfits() {
    misfit::<Request>("1", "expected a request, found a number");
    misfit::<Request>(r#"["response",null,{}]"#, "expected a request, found a response");
    misfit::<Response>(r#"["headers",[]]"#, "expected a response, found headers");
    misfit::<Request>(r#"["request","nowhere",{}]"#, "invalid URL");
    misfit::<Request>(r#"["request","a:b",{"method":"a b"}]"#, "expected a method of HTTP");
    misfit::<Request>(
        r#"["request","a:b",{"method":"PUT","body":5}]"#,
        "body: expected a body, found a number",
    );
    misfit::<Response>(r#"["response",["date",5],{}]"#, "expected a body, found a date");
    misfit::<Response>(r#"["response",null,{"status":99}]"#, "a status is from 200 to 599");
}

#[test]
fn any_value() {
    let table = [
        (r#"["headers",[["a","b"]]]"#, Value::from(headers(&[("a", "b")])), "headers"),
        (r#"["request","https://a/",{}]"#, request("GET", Body::Empty).into(), "a request"),
        (r#"["response","x",{"status":404}]"#, response(404, "x").into(), "a response"),
    ];
    for (text, value, name) in table {
        assert_eq!(value.form().name(), name);
        same(text, value.clone());
        same(&format!(r#"{{"a":[[{text},1]]}}"#), {
            let list = Value::Array(vec![value, Value::Number(1.0)]);
            Value::Object([("a", list)].into_iter().collect())
        });
    }
}

#[test]
fn behind_buffers() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, Headers>,
    }
    let rest = [("b", headers(&[("x", "1")])), ("c", headers(&[]))];
    let rest = rest.map(|(key, value)| (key.to_owned(), value)).into();
    same(r#"{"a":1,"b":["headers",[["x","1"]]],"c":["headers",[]]}"#, Flat { a: 1, rest });
    assert!(read::<Flat>(r#"{"a":1,"b":["request","a:b",{}]}"#).is_err());
}

#[test]
fn in_other_formats() {
    let mut request = request("POST", Body::from("x"));
    request.set_init("duplex", "half").unwrap();
    let text = serde_json::to_string(&request).unwrap();
    assert_eq!(text, r#"["https://a/",{"method":"POST","body":"x","duplex":"half"}]"#);
    assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    let text = serde_json::to_string(&response(404, Body::Empty)).unwrap();
    assert_eq!(text, r#"[null,{"status":404}]"#);
    assert_eq!(serde_json::from_str::<Response>(&text).unwrap(), response(404, Body::Empty));
    assert_eq!(serde_json::to_string(&headers(&[("a", "b")])).unwrap(), r#"[["a","b"]]"#);
    assert!(serde_json::from_str::<Headers>(r#"[["a","b\nc"]]"#).is_err());
}

#[test]
fn errors_carry_them() {
    let text = concat!(
        r#"["error","Error","x",null,{"headers":["headers",[["export","1"]]],"#,
        r#""request":["request","https://a/",{"cf":{"a":["export",-1]}}]}]"#
    );
    let error: topsail_core::RpcError = read(text).unwrap();
    assert_eq!(error.to_expression(), text);
    assert_eq!(error.prop::<Headers>("headers"), Some(headers(&[("export", "1")])));
}
