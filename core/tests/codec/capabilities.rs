use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topsail_core::codec::{Expression, Slot, Token, decode, encode, encode_arguments};
use topsail_core::json::{Kind, Tape};
use topsail_core::{RpcError, Value};

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
fn no_number_of_the_peer_becomes_a_stub() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Stub(Slot),
        Number(u32),
        Other(Value),
    }
    let text = r#"[[0,[],{"a":[]},[[0]],["bigint","0"],["date",0]]]"#;
    let values: Vec<Either> = with_holes(text, |view, holes| decode(view, holes).unwrap());
    assert_eq!(values[..2], [Either::Number(0), Either::Stub(Slot(0))]);
    let Either::Other(Value::Object(object)) = &values[2] else { panic!("{values:?}") };
    assert_eq!(object.get("a"), Some(&Value::Stub(Slot(1))));
    assert!(!values[3..].iter().any(|value| matches!(value, Either::Stub(_))), "{values:?}");
    assert!(serde_json::from_str::<Slot>("0").is_err());
    assert!(serde_json::from_str::<Slot>("[[0]]").is_err());
    for text in ["0", "[[0]]", r#"["export",-1]"#] {
        super::misfit::<Slot>(
            text,
            &format!(
                "expected a stub, found {}",
                match text {
                    "0" => "a number",
                    "[[0]]" => "an array",
                    _ => "another kind of object",
                }
            ),
        );
    }
}

#[test]
fn expressions_are_copied_with_their_capabilities() {
    let table = [
        ("[]", "[]", 1),
        (r#"{"a": [], "b": [[ 1, [], "x y" ]]}"#, r#"{"a":[],"b":[[1,[],"x y"]]}"#, 2),
        (r#" ["blob", "text/plain", []] "#, r#"["blob","text/plain",[]]"#, 1),
        (r#""a \" b""#, r#""a \" b""#, 0),
    ];
    for (text, compact, count) in table {
        let expression: Expression = with_holes(text, |view, holes| decode(view, holes).unwrap());
        assert_eq!(expression.capabilities().len(), count);
        let payload = encode(&[&expression]).unwrap();
        assert_eq!(payload.text(), format!("[[{compact}]]"));
        assert_eq!(payload.caps().len(), count);
        for at in payload.offsets() {
            assert_eq!(payload.text().get(at..at + 2), Some("[]"));
        }
    }
    let part: BTreeMap<String, Expression> =
        with_holes(r#"{"a":[],"b":[[[]]],"c":[]}"#, |view, holes| decode(view, holes).unwrap());
    let slots: Vec<_> = part["b"].capabilities().collect();
    assert_eq!(slots, [&Slot(1)]);
    assert!(serde_json::from_str::<Expression>(r#"["x"]"#).is_err());
}

#[test]
fn errors_travel_without_capabilities() {
    let error = RpcError::error("x").with_prop("stub", &Slot(0)).with_prop("code", &1);
    assert_eq!(error.to_expression(), r#"["error","Error","x",null,{"code":1}]"#);
    let text = r#"["error","Error","x",null,{"a":{"b":[]},"c":[["export",1]],"d":["export",-1]}]"#;
    let error: RpcError = with_holes(text, |view, holes| decode(view, holes).unwrap());
    assert_eq!(error.to_expression(), r#"["error","Error","x",null,{"c":[["export",1]]}]"#);
}
