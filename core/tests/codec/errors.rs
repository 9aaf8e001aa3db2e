use topsail_core::json::Tape;
use topsail_core::{Date, RpcError, Undefined, Value};

use super::{read, same};

fn from_view(text: &str) -> RpcError {
    let mut tape = Tape::default();
    tape.parse(text, 2048).unwrap();
    RpcError::from_view(tape.view(text))
}

#[test]
fn every_shape() {
    let inner = RpcError::error("inner");
    let table = [
        (r#"["error","Error","x"]"#, RpcError::error("x")),
        (r#"["error","RangeError","a\nb"]"#, RpcError::range_error("a\nb")),
        (r#"["error","Custom",""]"#, RpcError::new("Custom", "")),
        (
            r#"["error","TypeError","x",null,{"code":"E_TEST","details":{"at":7},"cause":["error","Error","inner"]}]"#,
            RpcError::type_error("x")
                .with_prop("code", "E_TEST")
                .with_prop("details", &std::collections::BTreeMap::from([("at", 7)]))
                .with_cause(inner.clone()),
        ),
        (
            r#"["error","AggregateError","x",null,{"errors":[[["error","Error","inner"],["error","Error","b"]]]}]"#,
            RpcError::new("AggregateError", "x").with_errors([inner, RpcError::error("b")]),
        ),
    ];
    for (text, error) in table {
        assert_eq!(error.to_expression(), text);
        assert_eq!(from_view(text), error, "{text}");
        same(text, error);
    }
}

/// A clone shares what is inside until one of them changes.
#[test]
fn clones_are_shared() {
    let error = RpcError::error("x").with_prop("a", &1);
    let clone = error.clone();
    assert_eq!(clone.message().as_ptr(), error.message().as_ptr());
    let changed = clone.clone().with_prop("a", &2).with_stack("at y");
    assert_eq!((changed.prop::<u8>("a"), changed.stack()), (Some(2), Some("at y")));
    assert_eq!((clone.prop::<u8>("a"), clone.stack()), (Some(1), None));
    assert_eq!(clone, error);
}

#[test]
fn own_stacks_are_sent_and_received_ones_are_not() {
    let error = RpcError::error("x").with_stack("at y");
    let text = r#"["error","Error","x","at y"]"#;
    assert_eq!((error.to_expression().as_str(), super::write(&error).as_str()), (text, text));
    for received in [from_view(text), read(text).unwrap()] {
        assert_eq!(received.stack(), Some("at y"));
        assert_eq!(received.to_expression(), r#"["error","Error","x"]"#);
        assert_eq!(super::write(&received), r#"["error","Error","x"]"#);
    }
    let text = r#"["error","Error","x","at y",{"a":1}]"#;
    assert_eq!(error.with_prop("a", &1).to_expression(), text);
    assert_eq!(from_view(text).to_expression(), r#"["error","Error","x",null,{"a":1}]"#);
}

#[test]
fn props_are_read() {
    let error = from_view(
        r#"["error","TypeError","x",null,{"code":"E","at":["date",5],"cause":["error","Error","inner",null,{"a":[[1]]}]}]"#,
    );
    assert_eq!(error.prop::<String>("code").as_deref(), Some("E"));
    assert_eq!(error.prop::<Date>("at"), Some(Date::from_millis(5.0)));
    assert_eq!(error.prop::<u8>("code"), None);
    assert_eq!(error.prop::<u8>("none"), None);
    let cause = error.cause().unwrap();
    assert_eq!((cause.message(), cause.prop::<Vec<u8>>("a")), ("inner", Some(vec![1])));
    assert_eq!(cause.cause(), None);
    assert_eq!(
        from_view(r#"["error","E","x",null,{"cause":"text"}]"#).cause().unwrap().message(),
        "text"
    );
    let errors = from_view(r#"["error","E","x",null,{"errors":[[["error","E","a"],5]]}]"#).errors();
    let messages: Vec<_> = errors.iter().map(RpcError::message).collect();
    assert_eq!(messages, ["a", "5"]);
    assert!(error.errors().is_empty());
}

#[test]
fn props_are_replaced_and_the_last_counts() {
    let error = RpcError::error("x").with_prop("a", &1).with_prop("b", &2).with_prop("a", &3);
    assert_eq!(error.to_expression(), r#"["error","Error","x",null,{"b":2,"a":3}]"#);
    assert_eq!(from_view(r#"["error","E","x",null,{"a":1,"a":2}]"#).prop::<u8>("a"), Some(2));
    let twice =
        RpcError::error("x").with_cause(RpcError::error("a")).with_cause(RpcError::error("b"));
    assert_eq!(twice.cause().unwrap().message(), "b");
}

#[test]
fn props_that_cannot_be_sent_are_left_out() {
    let error = RpcError::error("x")
        .with_prop("name", "y")
        .with_prop("message", "y")
        .with_prop("stack", "y")
        .with_prop("toString", "y")
        .with_prop("__proto__", "y")
        .with_prop("map", &std::collections::BTreeMap::from([((1, 2), 3)]));
    assert_eq!(error.to_expression(), r#"["error","Error","x"]"#);
    let text =
        r#"["error","E","x",null,{"name":1,"message":2,"stack":3,"toJSON":4,"valueOf":5,"a":6}]"#;
    assert_eq!(from_view(text).to_expression(), r#"["error","E","x",null,{"a":6}]"#);
}

#[test]
fn endless_causes_stay_within_the_depth_of_receivers() {
    let mut error = RpcError::error("0");
    for at in 1..1000 {
        error = RpcError::error(at.to_string()).with_cause(error);
        let text = error.to_expression();
        let mut tape = Tape::default();
        assert!(tape.parse(&text, 256).is_ok(), "{at}");
    }
    // Of one that came from a peer the properties may be as deep as they can be.
    for (levels, fits) in [(254, true), (255, false)] {
        let props = format!("{}7{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let error = from_view(&format!(r#"["error","Error","x",null,{props}]"#));
        assert_eq!(super::write(&[error]).contains(&props), fits, "{levels}");
    }
    // Where the error stands deep in a value, it comes without its props.
    let mut error = RpcError::error("0");
    for at in 1..100 {
        error = RpcError::error(at.to_string()).with_cause(error);
    }
    let mut value = Value::Error(error);
    for _ in 0..100 {
        value = Value::Array(vec![value]);
    }
    let text = super::write(&value);
    assert!(text.contains(r#"["error","Error","99",null,{}]"#), "{text}");
}

#[test]
fn what_is_thrown_and_is_no_error() {
    let table = [
        ("\"boom\"", "boom", "\"boom\""),
        ("5", "5", "5"),
        ("null", "null", "null"),
        (r#"{ "a": [[1, "x y"]] }"#, r#"{"a":[[1,"x y"]]}"#, r#"{"a":[[1,"x y"]]}"#),
        (r#"["undefined"]"#, r#"["undefined"]"#, r#"["undefined"]"#),
        (r#"[["error"]]"#, r#"[["error"]]"#, r#"[["error"]]"#),
    ];
    for (text, message, again) in table {
        let error = from_view(text);
        assert_eq!((error.kind(), error.message()), ("Error", message));
        assert_eq!(error.to_expression(), again);
    }
    let with_stub = from_view(r#"{"a":["export",-1]}"#);
    assert!(with_stub.to_expression().starts_with(r#"["error","Error","{"#));
    let changed = from_view("\"boom\"").with_stack("at y");
    assert_eq!(changed.to_expression(), r#"["error","Error","boom","at y"]"#);
    let changed = from_view("\"boom\"").with_prop("a", &Undefined);
    assert_eq!(changed.to_expression(), r#"["error","Error","boom",null,{"a":["undefined"]}]"#);
}

#[test]
fn malformed_errors_do_no_harm() {
    let table = [
        (r#"["error","E","x",5]"#, r#"["error","E","x"]"#),
        (r#"["error","E","x",null,5]"#, r#"["error","E","x"]"#),
        (r#"["error","E","x",null,{"\ud800":1}]"#, r#"["error","E","x"]"#),
        (r#"["error","E","x",null,{ "a" : [[ 1 ]] }]"#, r#"["error","E","x",null,{"a":[[1]]}]"#),
        (r#"["error",1,2]"#, r#"["error","1","2"]"#),
        (r#"["error"]"#, r#"["error"]"#),
    ];
    for (text, again) in table {
        assert_eq!(from_view(text).to_expression(), again, "{text}");
    }
    assert_eq!(read(r#"["error","E","x",5]"#), Ok(RpcError::new("E", "x")));
    assert_eq!(from_view(r#"["error","E","\ud800"]"#).message(), r#""\ud800""#);
}

#[test]
fn conversions() {
    fn fails() -> Result<(), RpcError> {
        "x".parse::<u8>()?;
        Ok(())
    }
    let error = fails().unwrap_err();
    assert_eq!((error.kind(), error.message()), ("Error", "invalid digit found in string"));
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert_eq!(boxed.to_string(), "Error: invalid digit found in string");
}
