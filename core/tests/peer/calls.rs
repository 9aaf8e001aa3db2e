//! Calls, properties, errors and pipelining between two peers.

use std::cell::RefCell;
use std::rc::Rc;

use crate::targets::Api;
use crate::world::World;
use topsail_core::codec::Value;
use topsail_core::{
    Answer, Arguments, IntoRpc, Outgoing, Property, RpcError, RpcSessionOptions, RpcStub, RpcTarget,
};

#[test]
fn calls_and_properties() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    world.run(async {
        assert_eq!(api.call::<i64>("square", (5,)).await.unwrap(), 25);
        assert_eq!(api.call::<String>("greet", ("Ada",)).await.unwrap(), "Hello, Ada!");
        assert_eq!(api.call::<String>("greet", ("Ada", "?", 1)).await.unwrap(), "Hello, Ada?");
        assert_eq!(api.get::<i64>("answer").await.unwrap(), 42);
        assert_eq!(api.get::<Value>("nothing").await.unwrap(), Value::Undefined);
        assert_eq!(api.call::<Vec<i64>>("list", [3]).await.unwrap(), [0, 1, 2]);
        assert_eq!(api.call::<Option<i64>>("null", ()).await.unwrap(), None);
        let square: RpcStub = api.get("square").await.unwrap();
        assert_eq!(square.invoke::<i64>((6,)).await.unwrap(), 36);
        assert_eq!(api.get::<i64>("square").invoke::<i64>((7,)).await.unwrap(), 49);
    });
    drop(api);
    world.finish();
}

/// Keeps its arguments as one list.
struct Lists(Rc<RefCell<Vec<String>>>);

impl RpcTarget for Lists {
    fn call(self: Rc<Self>, _method: &str, mut arguments: Arguments<'_>) -> Answer {
        let list = arguments.all::<Outgoing>();
        let kept = list.map(|list| self.0.borrow_mut().push(list.text().to_owned()));
        Answer::Ready(kept.and_then(IntoRpc::into_rpc))
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

/// A list of arguments is no expression, however much it looks like one.
#[test]
fn lists_that_look_like_forms() {
    let table = [
        (r#"["bytes","QQ=="]"#, r#"["bytes","QQ=="]"#),
        (r#"["error","a","b",null,{"name":1}]"#, r#"["error","a","b",null,{"name":1}]"#),
        (r#"["headers",{"toJSON":1}]"#, r#"["headers",{}]"#),
        (r#"[["bytes","QQ=="]]"#, r#"[["bytes","QQ"]]"#),
        (r#"[["error","a","b",null,{"name":1}]]"#, r#"[["error","a","b",null,{}]]"#),
        (r#"[[["bytes","QQ=="]]]"#, r#"[[["bytes","QQ=="]]]"#),
    ];
    let kept = Rc::new(RefCell::new(Vec::new()));
    let (_world, _client, server) = World::pair(Lists(Rc::clone(&kept)));
    for (list, expected) in table {
        server.peer.recv(&format!(r#"["push",["pipeline",0,["keep"],{list}]]"#));
        assert_eq!(kept.take(), [expected], "{list}");
    }
}

/// What goes wrong, and what the caller is told.
#[test]
fn errors() {
    let long = "x".repeat(10_000);
    let quoted = format!("TypeError: '{}…' is not a function.", &long[..100]);
    let cases: &[(&str, &[Value], &str)] = &[
        ("nope", &[], "TypeError: 'nope' is not a function."),
        (&long, &[], &quoted),
        ("fail", &["boom".into()], "RangeError: boom"),
        (
            "square",
            &[],
            "TypeError: square: argument 0: expected an integer from -9223372036854775808 to \
             9223372036854775807, found undefined",
        ),
        (
            "greet",
            &["a".into(), 1.into()],
            "TypeError: greet: argument 1: expected a string, found a number",
        ),
        (
            "keep",
            &[1.into()],
            "TypeError: keep: argument 0: expected a stub (a function or an RpcTarget), found a number",
        ),
    ];
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    for (method, arguments, expected) in cases {
        let error = world.run(api.call::<Value>(method, arguments)).unwrap_err();
        assert_eq!(error.to_string(), *expected, "{method}");
    }
    let misfit = world.run(api.call::<String>("square", (2,))).unwrap_err();
    assert_eq!(misfit.to_string(), "TypeError: result: expected a string, found a number");
    let invoked = world.run(api.invoke::<Value>(())).unwrap_err();
    assert_eq!(invoked.to_string(), "TypeError: the target is not a function.");
    drop(api);
    world.finish();
}

/// Takes a string, whatever the method is called.
struct AnyMethod;

impl RpcTarget for AnyMethod {
    fn call(self: Rc<Self>, _method: &str, mut arguments: Arguments<'_>) -> Answer {
        Answer::Ready(arguments.next::<String>().and_then(|text| text.into_rpc()))
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

#[test]
fn a_long_name_is_cut_where_an_argument_does_not_fit() {
    let (world, client, _server) = World::pair(AnyMethod);
    let any: RpcStub = client.peer.remote_main();
    let error = world.run(any.call::<Value>(&"x".repeat(10_000), (1,))).unwrap_err();
    let shown = "x".repeat(100);
    let expected = format!("{shown}…: argument 0: expected a string, found a number");
    assert_eq!(error.message(), expected);
    drop(any);
    world.finish();
}

#[test]
fn errors_pass_the_hook() {
    let world = World::new();
    let hook = |error: RpcError| RpcError::error(format!("hidden {}", error.kind()));
    let options = RpcSessionOptions::new().on_send_error(hook);
    let (client, server) = world.link_with(None, Some(Rc::new(Api::default())), options);
    let api: RpcStub = client.peer.remote_main();
    for (method, expected) in [("fail", "hidden RangeError"), ("nope", "hidden TypeError")] {
        let error = world.run(api.call::<Value>(method, ("x",))).unwrap_err();
        assert_eq!(error.message(), expected);
    }
    server.peer.abort(RpcError::error("secret"));
    world.settle();
    assert_eq!(client.peer.closed().unwrap().message(), "hidden Error");
}

/// The client waits once for a chain of calls.
#[test]
fn pipelining() {
    let (world, client, server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let counter = api.call::<RpcStub>("makeCounter", (1,));
    let first = counter.call::<i64>("increment", (4,));
    let second = counter.call::<i64>("increment", ());
    let value = counter.get::<i64>("value");
    let squared = api.call::<i64>("square", (&value,));
    let nested = api.get::<Value>("nested");
    let element = nested.get::<Vec<i64>>("list").index::<i64>(2);
    let deep = nested.get::<Value>("deep").get::<RpcStub>("counter").call::<i64>("increment", (2,));
    assert!(client.take_sent().is_empty(), "sent outside of a turn");
    let results = world.run(async {
        (first.await, second.await, value.await, squared.await, element.await, deep.await)
    });
    assert_eq!(results, (Ok(5), Ok(6), Ok(6), Ok(36), Ok(3), Ok(7)));
    assert_eq!(server.sends(), 6, "once for each pull");
    drop((api, counter, nested));
    world.finish();
}

/// A batch of many lines is answered with one send.
#[test]
fn a_batch_is_sent_once() {
    let (world, client, server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mut promises: Vec<_> = (0..1000).map(|i| api.call::<i64>("square", (i,))).collect();
    let polled = futures::future::poll_immediate(futures::future::join_all(&mut promises));
    assert_eq!(world.run(polled), None);
    futures::executor::block_on(client.peer.drained());
    let body = client.take_sent().join("\n");
    assert_eq!((client.sends(), body.lines().count()), (1, 2000));
    client.cut();
    server.peer.recv_batch(&body);
    server.peer.end_of_input();
    futures::executor::block_on(server.peer.drained());
    assert_eq!(server.sends(), 1);
    for (i, promise) in (0..).zip(promises) {
        assert_eq!(world.run(promise), Ok(i * i));
    }
    drop(api);
    world.settle();
    assert_eq!(client.peer.stats().imports, 1);
}

/// Calls arrive in the order in which they were made, whatever they wait for.
#[test]
fn order() {
    let api = Api::default();
    let (log, gate) = (Rc::clone(&api.log), Rc::clone(&api.gate));
    let (world, client, _server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    let slow = api.call::<i64>("wait", ());
    let through_slow = api.call::<RpcStub>("echo", (&api,));
    for text in ["a", "b"] {
        drop(api.call::<()>("log", (text,)));
        drop(through_slow.call::<()>("log", (format!("piped {text}"),)));
    }
    world.settle();
    assert_eq!(*log.borrow(), ["a", "piped a", "b", "piped b"]);
    gate.release();
    assert_eq!(world.run(slow), Ok(7));
    drop((api, through_slow));
    world.finish();
}

/// The call runs although nobody awaits it, and no result is sent.
#[test]
fn dropped_promises() {
    let api = Api::default();
    let log = Rc::clone(&api.log);
    let (world, client, server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    drop(api.call::<()>("log", ("x",)));
    drop(api);
    world.settle();
    assert_eq!(*log.borrow(), ["x"]);
    assert_eq!(server.take_sent(), [] as [&str; 0]);
    world.finish();
}

#[test]
fn awaiting_twice_fails() {
    let (world, client, _server) = World::pair(Api::default());
    let mut promise =
        client.peer.remote_main::<topsail_core::Untyped>().call::<i64>("square", (2,));
    assert_eq!(world.run(&mut promise), Ok(4));
    assert_eq!(world.run(&mut promise).unwrap_err().message(), "an RpcPromise was awaited twice");
    drop(promise);
    world.finish();
}
