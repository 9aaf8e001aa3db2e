use serde::{Deserialize, Serialize};
use topsail_core::codec::{Expression, Token, decode, encode, encode_arguments};
use topsail_core::json::{Kind, Tape};
use topsail_core::{RpcError, RpcStub, Value};

use super::slot::Slot;

/// Parses a text in which `[]` stands for a capability, and lists where.
fn with_holes<R>(text: &str, read: impl FnOnce(topsail_core::json::View<'_>, &[u32]) -> R) -> R {
    let mut tape = Tape::default();
    tape.parse(text, 64).unwrap();
    let view = tape.view(text);
    let is_hole = |&at: &u32| view.at(at).kind() == Kind::Array && view.at(at).raw() == "[]";
    let holes: Vec<u32> = (0..tape.len() as u32).filter(is_hole).collect();
    read(view, &holes)
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Friend {
    name: String,
    counter: Slot,
}

#[test]
fn holes_by_position() {
    let friend = |name: &str, slot| Friend { name: name.to_owned(), counter: Slot(slot) };
    let text = r#"[[{"name":"a","counter":[]},{"counter":[],"name":"b"}]]"#;
    let friends: Vec<Friend> = with_holes(text, |view, holes| decode(view, holes).unwrap());
    assert_eq!(friends, [friend("a", 0), friend("b", 1)]);
    let payload = encode(&[friend("a", 7), friend("b", 3)]).unwrap();
    assert_eq!(payload.text(), r#"[[{"name":"a","counter":[]},{"name":"b","counter":[]}]]"#);
    assert_eq!(payload.caps().collect::<Vec<_>>(), [&Token(7), &Token(3)]);
    let payload = encode_arguments(&(Slot(1), [Slot(0)])).unwrap();
    assert_eq!(payload.text(), "[[],[[[]]]]");
    let offsets: Vec<usize> = payload.offsets().collect();
    assert_eq!(offsets, [1, 6]);
}

#[test]
fn a_hole_is_a_stub_and_nothing_else() {
    fn message<T: for<'a> Deserialize<'a> + std::fmt::Debug>() -> String {
        with_holes("[]", |view, holes| decode::<T>(view, holes).unwrap_err().to_string())
    }
    assert_eq!(message::<String>(), "expected a string, found a stub");
    assert_eq!(message::<u8>(), "expected an integer from 0 to 255, found a stub");
    assert_eq!(message::<Vec<u8>>(), "expected an array, found a stub");
    assert_eq!(message::<(u8,)>(), "expected an array of 1 element, found a stub");
    assert_eq!(message::<()>(), "expected undefined, found a stub");
    assert_eq!(message::<Friend>(), "expected an object, found a stub");
    let option = with_holes("[]", |view, holes| decode::<Option<Slot>>(view, holes).unwrap());
    assert_eq!(option, Some(Slot(0)));
}

/// The numbers in an array of bytes are the peer's, and no holes.
#[test]
fn numbers_are_no_holes() {
    for container in ["Uint32Array", "Int32Array"] {
        let text = format!(r#"["bytes","AAAAAA","{container}"]"#);
        super::misfit::<Vec<Slot>>(&text, "expected a stub, found a number");
    }
}

#[test]
fn holes_may_look_like_anything() {
    let text = r#"[[["export",-1],[["a"]],["pipeline",1,["b"],[[["c"]]]]]]"#;
    let mut tape = Tape::default();
    tape.parse(text, 64).unwrap();
    let view = tape.view(text);
    let array = view.escaped_array().unwrap();
    let holes: Vec<u32> = array.elements().map(|element| element.index()).collect();
    let slots: Vec<Slot> = decode(view, &holes).unwrap();
    assert_eq!(slots, [Slot(0), Slot(1), Slot(2)]);
    let error = decode::<(Slot, Vec<String>, Slot)>(view, &holes).unwrap_err();
    assert_eq!(error.to_string(), "[1]: expected an array, found a stub");
}

#[test]
fn no_value_without_its_capability() {
    fn message<T: for<'a> Deserialize<'a> + std::fmt::Debug>(text: &str) -> String {
        with_holes(text, |view, holes| decode::<T>(view, holes).unwrap_err().to_string())
    }
    let lost = "an RpcStub can only be received in an RPC call or result";
    assert_eq!(message::<RpcStub>("[]"), lost);
    assert_eq!(message::<Value>(r#"{"a":[[1,[]]]}"#), format!("a[1]: {lost}"));
    assert_eq!(message::<Expression>(r#"["blob","text/plain",[]]"#), lost);
    assert!(serde_json::from_str::<Expression>(r#"["x"]"#).is_err());
    assert!(serde_json::from_str::<RpcStub>("0").is_err());
    assert!(serde_json::from_str::<RpcStub>("[[0]]").is_err());
}

#[test]
fn errors_travel_without_capabilities() {
    let error = RpcError::error("x").with_prop("stub", &Slot(0)).with_prop("code", &1);
    assert_eq!(error.to_expression(), r#"["error","Error","x",null,{"code":1}]"#);
    let text = r#"["error","Error","x",null,{"a":{"b":[]},"c":[["export",1]],"d":["export",-1]}]"#;
    let error: RpcError = with_holes(text, |view, holes| decode(view, holes).unwrap());
    assert_eq!(error.to_expression(), r#"["error","Error","x",null,{"c":[["export",1]]}]"#);
}
