//! Capabilities that cross: callbacks, stubs handed back, kept, proxied, dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use topsail_core::codec::Value;
use topsail_core::{
    Outgoing, RpcError, RpcPromise, RpcStub, function, function_async, try_function_async,
};

use crate::targets::{Api, Counter, Gate, counter};
use crate::world::World;

#[derive(Deserialize)]
struct Squared {
    result: i64,
}

#[derive(Deserialize)]
struct Friend {
    name: String,
    counter: RpcStub<Counter>,
}

#[test]
fn callbacks() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    world.run(async {
        let double = function(|i: i64| i * 2);
        assert_eq!(api.call::<i64>("callFunction", (&double, 21)).await, Ok(42));
        let fails = try_function_async(|_: i64| async { Err::<i64, _>(RpcError::error("no")) });
        let error = api.call::<i64>("callFunction", (fails, 1)).await.unwrap_err();
        assert_eq!(error.message(), "no");
        let squared: Squared = api.call("callSquare", (&api, 5)).await.unwrap();
        assert_eq!(squared.result, 25);
    });
    drop(api);
    world.finish();
}

/// Stubs inside results, and the same one given twice.
#[test]
fn stubs_in_values() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let friends: Vec<Friend> = world.run(api.call("friends", ())).unwrap();
    let names: Vec<_> = friends.iter().map(|friend| friend.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let second = &friends[1].counter;
    assert_eq!(world.run(second.call::<i64>("increment", (5,))), Ok(7));
    let twice: (RpcStub, RpcStub) = world.run(api.call("echo", ((second, second),))).unwrap();
    assert_eq!(world.run(twice.1.get::<i64>("value")), Ok(7));
    drop((friends, twice));
    // An object has one number, however often it is sent.
    let mine = RpcStub::new(counter(1));
    client.take_sent();
    let echo = api.call::<Value>("echo", ([&mine, &mine],));
    drop(api.call::<Value>("echo", (mine,)));
    world.settle();
    let sent = client.take_sent();
    assert!(sent[0].contains(r#"[["export",-1],["export",-1]]"#), "{sent:?}");
    assert!(sent[1].contains(r#"["export",-1]"#), "{sent:?}");
    drop((api, echo));
    world.finish();
}

/// An object that is released and sent again in one turn is still there.
#[test]
fn released_and_sent_again() {
    let object = RpcStub::new(counter(1));
    let main = Handing(function(move || object.dup()));
    let (world, client, server) = World::pair(main);
    let main: RpcStub = client.peer.remote_main();
    let first: RpcStub = world.run(main.get("it")).unwrap();
    world.settle();
    server.take_sent();
    // What follows does not reach the client, which knows nothing of it.
    for (messages, answer) in [
        (
            r#"["release",-1,1] ["push",["pipeline",0,["it"]]] ["pull",2]"#,
            r#"["resolve",2,["export",-2]]"#,
        ),
        (r#"["push",["pipeline",-2,["value"]]] ["pull",3]"#, r#"["resolve",3,1]"#),
    ] {
        server.peer.recv_batch(&messages.replace(' ', "\n"));
        server.cut();
        assert_eq!(server.take_sent(), [answer]);
    }
    drop(first);
}

/// A stub of what turned out to be this side's own object does not need the session any more.
#[test]
fn shortened() {
    let world = World::new();
    let (a, _) = world.link(None, Some(Rc::new(Api::default())));
    let (b, _far) = world.link(None, Some(Rc::new(Api::default())));
    let (one, two): (RpcStub, RpcStub) = (a.peer.remote_main(), b.peer.remote_main());
    let mine = function(|i: i64| i + 1);
    let promise = one.call::<RpcStub>("echo", (&mine,));
    let stub: RpcStub = promise.stub();
    world.run(promise).unwrap();
    world.run(two.call::<()>("keep", (&stub,))).unwrap();
    a.peer.disconnected(RpcError::error("gone"));
    assert_eq!(world.run(two.call::<i64>("callKept", (1,))), Ok(2));
}

/// Results that nobody waits for any more: before they come, and after.
#[test]
fn abandoned_results() {
    let api = Api::default();
    let drops = Rc::clone(&api.drops);
    let (world, client, _server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    let poll = |promise: &mut RpcPromise<RpcStub>| {
        assert!(world.run(futures::future::poll_immediate(promise)).is_none());
    };
    let mut early = api.call::<RpcStub>("makeCounter", (1,));
    poll(&mut early);
    drop(early);
    let mut late = api.call::<RpcStub>("makeCounter", (1,));
    poll(&mut late);
    world.settle();
    assert_eq!(drops.get(), 1);
    drop(late);
    world.settle();
    assert_eq!(drops.get(), 2);
    drop(api);
    world.finish();
}

/// The result of an abandoned pull does not reach the one that came after it.
#[test]
fn pulls_are_not_confused() {
    let api = Api::default();
    let first_gate = Rc::clone(&api.gate);
    let second_gate = Rc::new(Gate::default());
    let waited = Rc::clone(&second_gate);
    let (world, client, _server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    let slow = function_async(move |i: i64| {
        let gate = Rc::clone(&waited);
        async move {
            gate.open().await;
            i
        }
    });
    let mut first = api.call::<i64>("wait", ());
    assert!(world.run(futures::future::poll_immediate(&mut first)).is_none());
    drop(first);
    world.settle();
    let mut second = api.call::<i64>("callFunction", (slow, 9));
    assert!(world.run(futures::future::poll_immediate(&mut second)).is_none());
    first_gate.release();
    world.settle();
    assert!(world.run(futures::future::poll_immediate(&mut second)).is_none());
    second_gate.release();
    assert_eq!(world.run(second), Ok(9));
    drop(api);
    world.finish();
}

/// What the other side gives back is the object itself, not something that forwards to it.
#[test]
fn handed_back() {
    let (world, client, server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine = RpcStub::new(counter(1));
    let back: RpcStub = world.run(api.call("echo", (&mine,))).unwrap();
    client.take_sent();
    server.take_sent();
    assert_eq!(world.run(back.call::<i64>("increment", (2,))), Ok(3));
    assert_eq!(world.run(mine.get::<i64>("value")), Ok(3));
    let theirs: RpcStub = world.run(api.call("makeCounter", (10,))).unwrap();
    assert_eq!(world.run(api.call::<i64>("increment", (&theirs,))), Ok(11));
    assert!(!client.take_sent().iter().any(|message| message.contains("increment\",[2]")));
    assert!(!server.take_sent().iter().any(|message| message.contains("increment")));
    drop((api, back, mine, theirs));
    world.finish();
}

/// An object's lifetime: as long as anyone, anywhere, refers to it.
#[test]
fn drop_follows_the_last_reference() {
    let drops = Rc::new(Cell::new(0));
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine = RpcStub::new(Counter { value: Cell::new(0), drops: Rc::clone(&drops) });
    world.run(api.call::<()>("keep", (&mine,))).unwrap();
    drop(mine);
    world.settle();
    assert_eq!(drops.get(), 0, "kept by the other side");
    drop(api.call::<()>("dropKept", ()));
    world.settle();
    assert_eq!(drops.get(), 1);
    drop(api);
    world.finish();
}

#[test]
fn results_are_dropped_on_release() {
    let api = Api::default();
    let drops = Rc::clone(&api.drops);
    let (world, client, _server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    let awaited: RpcStub = world.run(api.call("makeCounter", (1,))).unwrap();
    let promised = api.call::<RpcStub>("makeCounter", (1,));
    let dup = awaited.dup();
    world.settle();
    drop(awaited);
    world.settle();
    assert_eq!(drops.get(), 0);
    drop((dup, promised));
    world.settle();
    assert_eq!(drops.get(), 2);
    drop(api);
    world.finish();
}

#[test]
fn a_kept_function_is_called_later() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let calls = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&calls);
    let add = function(move |a: i64, b: i64| {
        log.borrow_mut().push((a, b));
        a + b
    });
    world.run(api.call::<()>("keep", (add,))).unwrap();
    assert_eq!(world.run(api.call::<i64>("callKept", (1, 2))), Ok(3));
    assert_eq!(world.run(api.call::<i64>("callKept", (3, 4))), Ok(7));
    assert_eq!(*calls.borrow(), [(1, 2), (3, 4)]);
    drop(api.call::<()>("dropKept", ()));
    drop(api);
    world.finish();
}

/// A stub of C at B, given to A: A's calls go through B, and what comes back to C is C's own.
#[test]
fn three_peers() {
    let world = World::new();
    let far = Api::default();
    let drops = Rc::clone(&far.drops);
    let (b_to_c, c) = world.link(None, Some(Rc::new(far)));
    let far: RpcStub = b_to_c.peer.remote_main();
    let (a, _b_to_a) = world.link(None, Some(Rc::new(Handing(function(move || far.dup())))));
    let handing: RpcStub = a.peer.remote_main();
    let through: RpcStub = world.run(handing.get("it")).unwrap();
    assert_eq!(world.run(through.call::<i64>("square", (9,))), Ok(81));
    assert_eq!(world.run(through.get::<i64>("answer")), Ok(42));
    let error = world.run(through.call::<i64>("fail", ("far",))).unwrap_err();
    assert_eq!(error.to_string(), "RangeError: far");
    // Capabilities pass through in both directions, and pipelining does.
    let counter = through.call::<RpcStub>("makeCounter", (5,));
    assert_eq!(world.run(counter.call::<i64>("increment", (1,))), Ok(6));
    c.take_sent();
    assert_eq!(world.run(through.call::<i64>("increment", (&counter,))), Ok(7));
    assert!(!c.take_sent().iter().any(|message| message.contains("increment")), "C's own object");
    let mine = function(|i: i64| i + 1);
    assert_eq!(world.run(through.call::<i64>("callFunction", (&mine, 1))), Ok(2));
    drop((through, counter, mine));
    world.settle();
    assert_eq!(drops.get(), 1);
    drop(handing);
    world.finish();
}

/// Gives a stub.
struct Handing(RpcStub);

impl topsail_core::RpcTarget for Handing {
    fn call(self: Rc<Self>, _: &str, _: topsail_core::Arguments<'_>) -> topsail_core::Answer {
        topsail_core::Answer::NoSuchMethod
    }

    fn get(self: Rc<Self>, _: &str) -> topsail_core::Property {
        let it = self.0.invoke::<Outgoing>(()).into_outgoing();
        topsail_core::Property::Value(topsail_core::Answer::Pending(Box::pin(it)))
    }
}

/// Promises travel as promises, whoever made them.
#[test]
fn promises_in_arguments() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    #[derive(Serialize)]
    struct Deep<'a> {
        list: Vec<&'a RpcPromise<i64>>,
    }
    let six = api.call::<i64>("square", (2,));
    let ready = RpcPromise::<i64>::ready(5);
    let later = RpcPromise::<i64>::from_future(async { Ok::<_, RpcError>(7) });
    let deep = Deep { list: vec![&six, &ready, &later] };
    let echoed: Value = world.run(api.call("echo", (deep,))).unwrap();
    let Value::Object(object) = echoed else { panic!("{echoed:?}") };
    let list = vec![Value::Number(4.0), Value::Number(5.0), Value::Number(7.0)];
    assert_eq!(object.get("list"), Some(&Value::Array(list)));
    let failed = RpcPromise::<i64>::failed(RpcError::range_error("late"));
    let error = world.run(api.call::<i64>("square", (failed,))).unwrap_err();
    assert_eq!(error.to_string(), "RangeError: late");
    drop((api, six, ready, later));
    world.finish();
}

#[test]
fn a_stub_of_a_promise() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let counter: RpcStub = api.call::<RpcStub>("makeCounter", (3,)).stub();
    assert_eq!(world.run(api.call::<i64>("increment", (&counter,))), Ok(4));
    assert_eq!(world.run(counter.get::<i64>("value")), Ok(4));
    drop((api, counter));
    world.finish();
}

/// Outside of a call there is nothing that a stub could be sent by.
#[test]
fn stubs_are_sent_in_calls_only() {
    let stub = function(|| 1);
    let error = serde_json::to_string(&stub).unwrap_err();
    assert_eq!(error.to_string(), "an RpcStub can only be sent in an RPC call or result");
    let error = topsail_core::codec::encode(&stub).unwrap_err();
    assert_eq!(error.message(), "an RpcStub can only be sent in an RPC call or result");
}
