//! Calls of properties whose values are functions.

use std::rc::Rc;

use topsail_core::__private::{pending, ready};
use topsail_core::{
    Answer, Arguments, IntoRpc, Outgoing, Property, RpcError, RpcPromise, RpcStub, RpcTarget,
    Value, function,
};

use crate::targets::{Api, Gate, counter};
use crate::world::World;

/// Has properties alone.
#[derive(Default)]
struct Properties {
    gate: Rc<Gate>,
}

fn add() -> RpcStub {
    function(|a: i64, b: Option<i64>| a + b.unwrap_or(100))
}

impl RpcTarget for Properties {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        Property::Value(match property {
            "add" => ready(add().into_rpc()),
            "addLater" => {
                let gate = Rc::clone(&self.gate);
                pending(async move {
                    gate.open().await;
                    add().into_rpc()
                })
            }
            "addPromised" => ready(RpcPromise::<RpcStub>::ready(add()).into_rpc()),
            "same" => ready(function(|value: Outgoing| value).into_rpc()),
            "counter" => ready(RpcStub::new(counter(1)).into_rpc()),
            "number" => ready(1.into_rpc()),
            "numberLater" => pending(async { 1.into_rpc() }),
            "numberPromised" => ready(RpcPromise::<i64>::ready(1).into_rpc()),
            "object" => ready([add()].into_rpc()),
            "fails" => ready(Err(RpcError::range_error("no property"))),
            "failsLater" => pending(async { Err(RpcError::range_error("no property")) }),
            "refused" => Answer::NoSuchMethod,
            "method" => return Property::Method,
            _ => return Property::Missing,
        })
    }
}

#[test]
fn functions() {
    let main = Properties::default();
    main.gate.release();
    let (world, client, _server) = World::pair(main);
    let api: RpcStub = client.peer.remote_main();
    let local: RpcStub = RpcStub::new(Properties { gate: open() }).cast();
    for api in [&api, &local] {
        for property in ["add", "addLater", "addPromised"] {
            let call = |arguments: &[i64]| world.run(api.call::<i64>(property, arguments));
            assert_eq!(call(&[1, 2]), Ok(3), "{property}");
            assert_eq!(call(&[1, 2, 3]), Ok(3), "{property}");
            assert_eq!(call(&[1]), Ok(101), "{property}");
            let error = call(&[]).unwrap_err();
            assert!(error.message().starts_with("argument 0: "), "{property}: {error}");
        }
    }
    drop((api, local));
    world.finish();
}

fn open() -> Rc<Gate> {
    let gate = Rc::new(Gate::default());
    gate.release();
    gate
}

#[test]
fn what_is_not_a_function() {
    let (world, client, _server) = World::pair(Properties::default());
    let api: RpcStub = client.peer.remote_main();
    let properties =
        ["number", "numberLater", "numberPromised", "object", "refused", "method", "missing"];
    for property in properties {
        let error = world.run(api.call::<Value>(property, (1,))).unwrap_err();
        assert_eq!(error.to_string(), format!("TypeError: '{property}' is not a function."));
    }
    for property in ["fails", "failsLater"] {
        let error = world.run(api.call::<Value>(property, (1,))).unwrap_err();
        assert_eq!(error.to_string(), "RangeError: no property");
    }
    let error = world.run(api.call::<Value>("counter", (1,))).unwrap_err();
    assert_eq!(error.to_string(), "TypeError: the target is not a function.");
    drop(api);
    world.finish();
}

/// The arguments are kept until the function is there, their capabilities included; those that
/// wait for a promise stand elsewhere than those in the message.
#[test]
fn arguments_are_kept() {
    let main = Properties::default();
    let gate = Rc::clone(&main.gate);
    let (world, client, _server) = World::pair(main);
    let api: RpcStub = client.peer.remote_main();
    let mine: RpcStub = counter(1).into();
    let value = Value::Array(vec!["a b".into(), mine.dup().into(), mine.dup().into()]);
    assert_eq!(world.run(api.call::<Value>("same", (&value, 1))).as_ref(), Ok(&value));
    let echoed = api.call::<Value>("same", (&value,));
    assert_eq!(world.run(api.call::<Value>("same", (&echoed,))).as_ref(), Ok(&value));
    let later = api.call::<i64>("addLater", (4, 5));
    world.settle();
    gate.release();
    assert_eq!(world.run(later), Ok(9));
    drop((api, mine, value, echoed));
    world.finish();
}

/// A stub of another session's object reads the property there.
#[test]
fn through_another_session() {
    let world = World::new();
    let (middle, _far) = world.link(None, Some(Rc::new(Properties { gate: open() })));
    let far: RpcStub = middle.peer.remote_main();
    let (client, _server) = world.link(None, Some(Rc::new(Api::default())));
    let api: RpcStub = client.peer.remote_main();
    let back: RpcStub = world.run(api.call("echo", (&far,))).unwrap();
    assert_eq!(world.run(back.call::<i64>("addLater", (1, 1))), Ok(2));
    drop((api, far, back));
    world.finish();
}
