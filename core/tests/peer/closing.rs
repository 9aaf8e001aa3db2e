//! The end of a session: what breaks, what is told, what is dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use topsail_core::codec::Value;
use topsail_core::proto::Stats;
use topsail_core::{Outbox, Peer, RpcError, RpcSessionOptions, RpcStub, Transport, function};

use crate::targets::{Api, Counter};
use crate::world::World;

type Log = Rc<RefCell<Vec<String>>>;

fn watch<T: ?Sized>(log: &Log, name: &'static str, stub: &RpcStub<T>) {
    let log = Rc::clone(log);
    stub.on_broken(move |error| log.borrow_mut().push(format!("{name}: {}", error.message())));
}

#[test]
fn disconnect() {
    let drops = Rc::new(Cell::new(0));
    let log = Log::default();
    let (world, client, server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let mine = RpcStub::new(Counter { value: Cell::new(0), drops: Rc::clone(&drops) });
    world.run(api.call::<()>("keep", (mine,))).unwrap();
    let counter: RpcStub = world.run(api.call("makeCounter", (1,))).unwrap();
    watch(&log, "second", &counter);
    watch(&log, "first", &api);
    watch(&log, "again", &counter);
    let waiting = api.call::<i64>("wait", ());
    let mut waiting = Box::pin(waiting);
    assert!(world.run(futures::future::poll_immediate(&mut waiting)).is_none());
    world.settle();
    client.peer.disconnected(RpcError::error("gone"));
    assert_eq!(world.run(waiting).unwrap_err().message(), "gone");
    assert_eq!(world.run(counter.call::<i64>("increment", ())).unwrap_err().message(), "gone");
    assert_eq!(*log.borrow(), ["second: gone", "first: gone", "again: gone"]);
    assert_eq!(drops.get(), 1, "what the other side held is dropped");
    assert_eq!(client.closed(), ["Error: gone"]);
    server.peer.disconnected(RpcError::error("gone too"));
    world.settle();
    assert!(!client.is_running(), "the driver has ended");
    assert!(server.is_running(), "a method still runs");
}

/// A session that ended holds nothing: neither its main object nor the transport.
#[test]
fn nothing_is_kept() {
    let drops = Rc::new(Cell::new(0));
    let world = World::new();
    let main = Rc::new(Counter { value: Cell::new(0), drops: Rc::clone(&drops) });
    let (client, server) = world.link(None, Some(main));
    let cyclic = Rc::new(Api::default());
    *cyclic.kept.borrow_mut() = Some(client.peer.remote_main());
    let back: RpcStub = server.peer.remote_main();
    let cyclic: RpcStub = RpcStub::from_target(cyclic);
    drop(back.call::<Value>("keep", (cyclic,)));
    drop(back);
    client.peer.abort(RpcError::error("enough"));
    world.settle();
    assert_eq!(drops.get(), 1);
    assert_eq!(server.closed(), ["Error: enough"]);
    assert_eq!(client.closed(), ["Error: enough"]);
    assert!(!client.is_running() && !server.is_running());
    assert!(!client.has_transport() && !server.has_transport());
}

/// An object that holds a promise which became the object itself.
#[test]
fn circles_end_with_the_session() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let object = Rc::new(Api::default());
    let drops = Rc::downgrade(&object.drops);
    let stub: RpcStub = RpcStub::from_target(Rc::<Api>::clone(&object));
    let circle = api.call::<RpcStub>("echo", (stub,));
    *object.kept.borrow_mut() = Some(circle.stub());
    world.run(circle).unwrap();
    drop((object, api));
    world.settle();
    assert!(drops.upgrade().is_some());
    client.peer.disconnected(RpcError::error("gone"));
    assert!(drops.upgrade().is_none());
}

/// The driver of a session in which nothing happens ends with it, and so do watches of what
/// cannot break.
#[test]
fn idle_sessions_end() {
    let (world, client, server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let value = api.get::<i64>("answer");
    let log = Log::default();
    watch(&log, "value", &value.stub::<Value>());
    world.run(value).unwrap();
    world.settle();
    assert_eq!(Rc::strong_count(&log), 2);
    client.peer.disconnected(RpcError::error("gone"));
    server.peer.disconnected(RpcError::error("gone"));
    world.settle();
    assert!(!client.is_running() && !server.is_running());
    assert_eq!((Rc::strong_count(&log), log.borrow().len()), (1, 0));
}

/// A method that runs when the session ends runs to its end.
#[test]
fn running_methods_finish() {
    let api = Api::default();
    let gate = Rc::clone(&api.gate);
    let (world, client, server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    drop(api.call::<i64>("wait", ()));
    world.settle();
    server.peer.disconnected(RpcError::error("gone"));
    world.settle();
    assert!(server.is_running());
    server.take_sent();
    gate.release();
    world.settle();
    assert!(!server.is_running());
    assert_eq!(Rc::strong_count(&gate), 1, "the method and its object are gone");
    assert_eq!(server.take_sent(), [] as [&str; 0]);
}

/// A call that still waits for an argument when the session ends is not made, and nothing that it
/// was given stays.
#[test]
fn waiting_calls_are_given_up() {
    let api = Api::default();
    let gate = Rc::clone(&api.gate);
    let (world, _client, server) = World::pair(api);
    server.peer.recv(r#"["push",["pipeline",0,["wait"],[]]]"#);
    server.peer.recv(r#"["push",["pipeline",0,["keep"],[["export",-1],["pipeline",1]]]]"#);
    server.peer.disconnected(RpcError::error("gone"));
    gate.release();
    world.settle();
    assert!(!server.is_running());
    assert_eq!(server.peer.stats(), Stats::default());
}

/// A promise that rejects breaks the stubs made of it.
#[test]
fn rejection_breaks() {
    let log = Log::default();
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let promise = api.call::<i64>("fail", ("bad",));
    watch(&log, "stub", &promise.stub::<Value>());
    watch(&log, "failed", &RpcStub::<Value>::failed(RpcError::error("at once")));
    watch(&log, "local", &function(|| 1));
    assert_eq!(*log.borrow(), ["failed: at once"]);
    assert!(world.run(promise).is_err());
    assert_eq!(*log.borrow(), ["failed: at once", "stub: bad"]);
    drop(api);
    world.finish();
}

/// What the peer sends that breaks the protocol ends the session at both sides.
#[test]
fn bad_messages() {
    // The last one calls something before it turns out to be bad.
    let after_a_call =
        r#"["push",["pipeline",0,["keep"],[["pipeline",0,["square"],[["export",-1]]],["what"]]]]"#;
    for text in ["{", r#"["what"]"#, r#"["push"]"#, r#"["pull",9]"#, after_a_call] {
        let (world, client, server) = World::pair(Api::default());
        let api: RpcStub = client.peer.remote_main();
        server.peer.recv(text);
        world.settle();
        assert!(server.peer.closed().is_some(), "{text}");
        assert_eq!(client.peer.closed(), server.peer.closed(), "{text}");
        assert!(server.take_sent()[0].starts_with(r#"["abort","#), "{text}");
        assert!(world.run(api.call::<i64>("square", (1,))).is_err(), "{text}");
        assert!(!server.is_running(), "{text}");
        assert_eq!(server.peer.stats(), Stats::default(), "{text}");
    }
}

/// After the end of a batch's input, what waits for the client rejects and the rest goes on.
#[test]
fn end_of_input() {
    let api = Api::default();
    let gate = Rc::clone(&api.gate);
    let (world, client, server) = World::pair(api);
    let api: RpcStub = client.peer.remote_main();
    let slow = api.call::<i64>("wait", ());
    let callback = api.call::<i64>("callFunction", (function(|i: i64| i), 1));
    let both = futures::future::join(slow, callback);
    let mut both = Box::pin(both);
    assert!(world.run(futures::future::poll_immediate(&mut both)).is_none());
    futures::executor::block_on(client.peer.drained());
    let body = client.take_sent().join("\n");
    client.cut();
    server.peer.recv_batch(&body);
    server.peer.end_of_input();
    let mut drained = Box::pin(server.peer.drained());
    assert!(world.run(futures::future::poll_immediate(&mut drained)).is_none());
    gate.release();
    futures::executor::block_on(drained);
    let (slow, callback) = world.run(both);
    assert_eq!(slow, Ok(7));
    assert!(callback.unwrap_err().message().contains("batch"));
}

struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _messages: &Outbox) {}
}

/// What may be dropped at the end of a batch, and what has to be told of the end first.
#[test]
fn done() {
    let rows: [(&str, bool); 11] = [
        ("", true),
        ("[\"push\",[\"pipeline\",0,[\"square\"],[7]]]\n[\"pull\",1]", true),
        ("[\"push\",[\"pipeline\",0,[\"friends\"],[]]]\n[\"pull\",1]", true),
        ("[\"push\",[\"pipeline\",0,[\"fail\"],[\"no\"]]]\n[\"pull\",1]", true),
        ("no message", true),
        (r#"["push",["pipeline",0,["wait"],[]]]"#, false),
        ("[\"push\",[\"pipeline\",0,[\"echo\"],[[\"promise\",-1]]]]\n[\"pull\",1]", false),
        (r#"["push",["pipeline",0,["echo"],[["export",-1]]]]"#, false),
        (r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#, false),
        (r#"["push",["pipeline",0,["makeCounter"],[1]]]"#, true),
        (r#"["pipe"]"#, false),
    ];
    for (batch, expected) in rows {
        let main = Rc::new(Api::default());
        let left = Rc::downgrade(&main);
        let peer = Peer::new(Some(main), Nowhere, RpcSessionOptions::new());
        peer.recv_batch(batch);
        assert_eq!(peer.is_done(), expected, "{batch}");
        let stub: RpcStub = peer.remote_main();
        assert!(!peer.is_done(), "with a stub of it: {batch}");
        drop((stub, peer));
        assert!(!expected || left.upgrade().is_none(), "{batch}");
    }
}

#[test]
fn not_done_while_somebody_waits_for_the_end() {
    let log = Log::default();
    let peer = Peer::new(None, Nowhere, RpcSessionOptions::new());
    watch(&log, "main", &peer.remote_main::<()>());
    peer.recv_batch("");
    assert!(!peer.is_done());
    peer.disconnected(RpcError::error("gone"));
    assert_eq!(*log.borrow(), ["main: gone"]);
    assert!(peer.is_done());
}
