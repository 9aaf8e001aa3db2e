//! Calls on targets of this process that give the result itself where it is there.

use std::cell::RefCell;
use std::future::ready;
use std::rc::Rc;

use futures::FutureExt;
use topsail_core::{
    Answer, Arguments, AtOnce, IntoRpc, Outgoing, Payload, Property, RpcError, RpcPromise, RpcStub,
    RpcTarget, Untyped, Value, function,
};

/// Notes which methods are called.
#[derive(Default)]
struct Api(RefCell<Vec<String>>);

impl RpcTarget for Api {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        self.0.borrow_mut().push(method.to_owned());
        match method {
            "echo" => Answer::Ready(arguments.next::<Outgoing>()),
            "fail" => Answer::Ready(Err(RpcError::range_error("boom"))),
            "later" => Answer::Pending(Box::pin(ready(7.into_rpc()))),
            "stub" => Answer::Ready(function(|| 7).into_rpc()),
            "count" => Answer::Ready(arguments.len().into_rpc()),
            _ => Answer::NoSuchMethod,
        }
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        match property {
            "member" => Property::Value(Answer::Ready(function(|| "called").into_rpc())),
            _ => Property::Missing,
        }
    }
}

/// How a call of a stub is answered: at once or not, and with what.
fn answered(stub: &RpcStub, method: &str, arguments: Outgoing) -> (bool, String) {
    let (is_ready, result) = match stub.clone().into_raw().call_at_once(method, arguments) {
        AtOnce::Ready(result) => (true, result),
        AtOnce::Promise(promise) => (false, value_of(promise)),
    };
    (is_ready, result.map_or_else(|error| error.to_string(), |value| value.text().to_owned()))
}

fn value_of(promise: topsail_core::RawStub) -> Result<Outgoing, RpcError> {
    let promise = RpcPromise::<Value>::from_raw(promise).into_outgoing();
    promise.now_or_never().expect("nothing has to be waited for")
}

fn list(text: &str) -> Outgoing {
    Payload::from_text(text.to_owned())
}

#[test]
fn what_is_ready_and_what_is_not() {
    let stub = RpcStub::<Untyped>::from_target(Rc::new(Api::default()));
    let cases = [
        ("echo", r#"[{"a":[[1,["date",0]]]}]"#, true, r#"{"a":[[1,["date",0]]]}"#),
        ("count", "[1,2]", true, "2"),
        ("fail", "[]", true, "RangeError: boom"),
        ("later", "[]", false, "7"),
        ("stub", "[]", false, "[]"),
        ("member", "[]", false, r#""called""#),
        ("nothing", "[]", false, "TypeError: 'nothing' is not a function."),
    ];
    for (method, arguments, is_ready, result) in cases {
        let expected = (is_ready, result.to_owned());
        assert_eq!(answered(&stub, method, list(arguments)), expected, "{method}");
    }
}

#[test]
fn arguments_with_capabilities_go_through_the_session() {
    let stub = RpcStub::<Untyped>::from_target(Rc::new(Api::default()));
    let mut arguments = list("[");
    arguments.push_cap(function(|| 1).into_raw());
    arguments.text_mut().push(']');
    assert_eq!(answered(&stub, "echo", arguments), (false, "[]".to_owned()));
}

#[test]
fn calls_made_before_are_not_overtaken() {
    let api = Rc::new(Api::default());
    let stub = RpcStub::<Untyped>::from_target(api.clone());
    let first = stub.call::<Value>("fail", ());
    assert_eq!(answered(&stub, "count", list("[]")), (false, "0".to_owned()));
    assert_eq!(*api.0.borrow(), ["fail", "count"]);
    drop(first);
}

#[test]
fn a_stub_that_fails() {
    let stub = RpcStub::<Untyped>::failed(RpcError::error("gone"));
    assert_eq!(answered(&stub, "echo", list("[1]")), (false, "Error: gone".to_owned()));
}
