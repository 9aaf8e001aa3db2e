//! Capabilities inside dynamic values.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize, Serializer};
use topsail_core::codec::{Expression, names};
use topsail_core::{RpcError, RpcPromise, RpcStub, Value, function};

use crate::targets::{Api, Counter, counter};
use crate::world::World;

/// An array, an object, and a value at the top, each with capabilities.
fn nested(first: &RpcStub, second: &RpcStub) -> [Value; 3] {
    let array = Value::Array(vec![1.into(), first.dup().into(), Value::Array(vec![])]);
    let members = [("a", array.clone()), ("b", second.dup().into()), ("c", first.dup().into())];
    [Value::Object(members.into_iter().collect()), array, first.dup().into()]
}

/// What there is at a path of a value.
fn at(value: &Value, path: &[&str]) -> Value {
    path.iter().fold(value.clone(), |value, key| match &value {
        Value::Object(object) => object.get(key).unwrap().clone(),
        Value::Array(array) => array[key.parse::<usize>().unwrap()].clone(),
        other => panic!("{other:?} has no {key}"),
    })
}

#[test]
fn echoed() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine: RpcStub = counter(1).into();
    let theirs: RpcStub = world.run(api.call("makeCounter", (10,))).unwrap();
    for value in nested(&mine, &theirs) {
        // Both come back as what they were.
        for method in ["echoValue", "echo"] {
            assert_eq!(world.run(api.call::<Value>(method, (&value,))).as_ref(), Ok(&value));
        }
    }
    let [object, ..] = nested(&mine, &theirs);
    let echoed: Value = world.run(api.call("echoValue", (&object,))).unwrap();
    for (path, expected) in [(&["a", "1"][..], 2), (&["c"], 3), (&["b"], 11)] {
        let stub = at(&echoed, path).as_stub().unwrap();
        assert_eq!(world.run(stub.call::<i64>("increment", ())), Ok(expected), "{path:?}");
    }
    assert_eq!(at(&echoed, &["a", "0"]).as_stub(), None);
    drop((api, mine, theirs, object, echoed));
    world.finish();
}

/// A value keeps its capabilities beyond the call, at either side, until it is dropped.
#[test]
fn kept() {
    let main = Api::default();
    let their_drops = Rc::clone(&main.drops);
    let (world, client, _server) = World::pair(main);
    let api: RpcStub = client.peer.remote_main();
    let drops = Rc::new(Cell::new(0));
    let mine = RpcStub::new(Counter { value: Cell::new(0), drops: Rc::clone(&drops) });
    let value = Value::Array(vec![mine.into()]);
    world.run(api.call::<()>("keepValue", (&value,))).unwrap();
    drop(value);
    world.settle();
    assert_eq!(drops.get(), 0, "kept by the other side");
    let back: Value = world.run(api.call("keptValue", ())).unwrap();
    let stub = at(&back, &["0"]).as_stub().unwrap();
    assert_eq!(world.run(stub.call::<i64>("increment", ())), Ok(1));
    drop((back, stub));
    world.settle();
    assert_eq!(drops.get(), 1);
    let theirs: Value = world.run(api.call("makeCounter", (5,))).unwrap();
    world.settle();
    assert_eq!(their_drops.get(), 0, "kept by this side");
    let another = theirs.clone();
    drop(theirs);
    assert_eq!(world.run(another.as_stub().unwrap().get::<i64>("value")), Ok(5));
    drop(another);
    world.settle();
    assert_eq!(their_drops.get(), 1);
    drop(api);
    world.finish();
}

/// Serde keeps what it buffers in types of its own.
#[test]
fn behind_buffers() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Stub(RpcStub),
        Named { callback: Callback },
        Other(Value),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Callback(RpcStub);
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Anything(Value);
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        number: i64,
        #[serde(flatten)]
        rest: BTreeMap<String, Anything>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Object { value: Value },
    }
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine: RpcStub = counter(1).into();
    let [object, array, stub] = nested(&mine, &function(|| 1));
    let values = vec![
        Either::Number(0),
        Either::Stub(mine.dup()),
        Either::Named { callback: Callback(mine.dup()) },
        Either::Other(object.clone()),
        Either::Other(array.clone()),
    ];
    let rest = [("x", object.clone()), ("y", array), ("z", stub)];
    let rest = rest.map(|(key, value)| (key.to_owned(), Anything(value)));
    let flat = Flat { number: 7, rest: rest.into() };
    let tagged = Tagged::Object { value: object };
    world.run(async {
        assert_eq!(api.call("echo", (&values,)).await.as_ref(), Ok(&values));
        assert_eq!(api.call("echo", (&flat,)).await.as_ref(), Ok(&flat));
        assert_eq!(api.call("echo", (&tagged,)).await.as_ref(), Ok(&tagged));
    });
    drop((api, mine, values, flat, tagged));
    world.finish();
}

/// No number, array or date of the other side passes for a stub behind serde's buffers.
#[test]
fn nothing_else_is_a_stub() {
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Stub(RpcStub),
        Other(Value),
    }
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine = function(|| 1);
    let date = topsail_core::Date::from_millis(0.0);
    let bigint = topsail_core::BigInt::from(0);
    let sent = (0, [0], [[0]], date, bigint, &mine);
    let values: Vec<Either> = world.run(api.call("echo", (sent,))).unwrap();
    let is_mine = |value: &Either| match value {
        Either::Stub(stub) => *stub == mine,
        Either::Other(value) => value.as_stub().is_some(),
    };
    let stubs: Vec<_> = values.iter().map(is_mine).collect();
    assert_eq!(stubs, [false, false, false, false, false, true], "{values:?}");
    drop(values);
    drop((api, mine));
    world.finish();
}

/// A promise in a value is sent as one: the receiver gets what it becomes.
#[test]
fn promises() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let four = api.call::<i64>("square", (2,));
    let seven = RpcPromise::<i64>::ready(7);
    let value = Value::Array(vec![four.into(), seven.into()]);
    assert_eq!(value, value.clone());
    let stub = at(&value, &["0"]).as_stub().unwrap();
    assert_ne!(Value::from(stub.dup()), at(&value, &["0"]), "a stub is not a promise");
    let echoed: Value = world.run(api.call("echoValue", (&value,))).unwrap();
    assert_eq!(echoed, Value::Array(vec![4.into(), 7.into()]));
    drop((api, value, stub));
    world.finish();
}

#[test]
fn equality() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let [one, two]: [RpcStub; 2] = [counter(1).into(), counter(1).into()];
    assert_eq!(one, one.dup());
    assert_ne!(one, two);
    assert_ne!(one, api);
    assert_eq!(api, client.peer.remote_main());
    let promise = api.call::<RpcStub>("echo", (&one,));
    let through: RpcStub = promise.stub();
    world.run(promise).unwrap();
    assert_eq!(through, one, "the session knows by now that it is this side's own");
    let broken = |text| RpcStub::<()>::failed(RpcError::error(text));
    assert_eq!(broken("a"), broken("a"));
    assert_ne!(broken("a"), broken("b"));
    drop((api, one, two, through));
    world.finish();
}

#[test]
fn expressions_keep_their_capabilities() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine: RpcStub = counter(1).into();
    let other: RpcStub = function(|| 1);
    let text = Value::from("x \" y");
    for (value, count) in nested(&mine, &other).into_iter().zip([3, 1, 1]).chain([(text, 0)]) {
        let read: Expression = world.run(api.call("echo", (&value,))).unwrap();
        assert_eq!(read.capabilities().len(), count);
        assert_eq!(read.text().is_some(), count == 0);
        let again: Value = world.run(api.call("echo", (&read,))).unwrap();
        assert_eq!(again, value);
    }
    let array = nested(&mine, &other)[1].clone();
    let parts: Vec<Expression> = world.run(api.call("echo", (array,))).unwrap();
    let counts: Vec<_> = parts.iter().map(|part| part.capabilities().len()).collect();
    assert_eq!(counts, [0, 1, 0]);
    drop((api, mine, other, parts));
    world.finish();
}

/// The number that a type has decoded of a capability does not pass for a stub.
#[test]
fn numbers_are_no_stubs() {
    struct Slot(u32);

    impl Serialize for Slot {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct(names::STUB, &self.0)
        }
    }

    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine = function(|i: i64| i);
    let back: (RpcStub, RpcStub) = world.run(api.call("echo", ((Slot(0), &mine),))).unwrap();
    let error = world.run(back.0.invoke::<i64>((1,))).unwrap_err();
    assert!(error.message().contains("is not the capability"), "{error}");
    assert_eq!(world.run(back.1.invoke::<i64>((1,))), Ok(1));
    drop((api, mine, back));
    world.finish();
}

/// Outside of a call there is nothing that a capability could be sent by.
#[test]
fn sent_in_calls_only() {
    let value = Value::Array(vec![function(|| 1).into()]);
    let message = "an RpcStub can only be sent in an RPC call or result";
    assert_eq!(serde_json::to_string(&value).unwrap_err().to_string(), message);
    assert_eq!(topsail_core::codec::encode(&value).unwrap_err().message(), message);
}
