//! User code that calls back into the session that runs it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use topsail_core::__private::ready;
use topsail_core::proto::Outbox;
use topsail_core::{
    Answer, Arguments, IntoRpc, Peer, Property, RpcError, RpcSessionOptions, RpcStub, RpcTarget,
    Transport, function,
};

use crate::targets::{Gate, counter};
use crate::world::{Side, World};

/// Does something with the peer that serves it, in the middle of a call or when dropped.
#[derive(Default)]
struct Meddler {
    peer: Rc<RefCell<Option<Peer>>>,
    stubs: RefCell<Vec<RpcStub>>,
    on_drop: RefCell<Option<Box<dyn FnOnce()>>>,
    log: Rc<RefCell<Vec<&'static str>>>,
    gate: Rc<Gate>,
}

impl RpcTarget for Meddler {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        let peer = self.peer.borrow().clone().unwrap();
        let client: RpcStub = peer.remote_main();
        match method {
            "callBack" => drop(client.call::<()>("increment", (1,))),
            "feed" => {
                peer.recv(&arguments.next::<String>().unwrap());
                self.log.borrow_mut().push("fed");
            }
            "log" => self.log.borrow_mut().push("logged"),
            "abort" => peer.abort(RpcError::error("from within")),
            "leave" => peer.disconnected(RpcError::error("left")),
            "keep" => self.stubs.borrow_mut().push(arguments.next().unwrap()),
            "drop" => drop(self.stubs.take()),
            "panic" => panic!("on purpose"),
            "panicLater" => {
                let mut polls = 0;
                return Answer::Pending(Box::pin(poll_fn(move |cx| {
                    polls += 1;
                    assert!(polls < 3, "on purpose");
                    cx.waker().wake_by_ref();
                    Poll::Pending
                })));
            }
            "open" => self.gate.release(),
            "wait" => {
                let gate = Rc::clone(&self.gate);
                return Answer::Pending(Box::pin(async move {
                    gate.open().await;
                    "waited".into_rpc()
                }));
            }
            _ => return Answer::NoSuchMethod,
        }
        ready(peer.stats().exports.into_rpc())
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        if let Some(run) = self.on_drop.take() {
            run();
        }
    }
}

type Log = Rc<RefCell<Vec<&'static str>>>;

fn meddle() -> (World, Rc<Side>, Rc<Side>, Log) {
    let world = World::new();
    let meddler = Meddler::default();
    let (peer, log) = (Rc::clone(&meddler.peer), Rc::clone(&meddler.log));
    let (client, server) = world.link(Some(Rc::new(counter(0))), Some(Rc::new(meddler)));
    *peer.borrow_mut() = Some(server.peer.clone());
    (world, client, server, log)
}

#[test]
fn methods_that_use_their_session() {
    let (world, client, _server, _) = meddle();
    let main: RpcStub = client.peer.remote_main();
    for (method, argument) in [("callBack", ""), ("feed", r#"["push",1]"#)] {
        assert!(world.run(main.call::<i64>(method, (argument,))).is_ok(), "{method}");
    }
    let stub = function(|| 1);
    assert!(world.run(main.call::<i64>("keep", (&stub,))).is_ok());
    assert!(world.run(main.call::<i64>("drop", ())).is_ok());
    world.settle();
    assert!(client.peer.closed().is_none());
}

/// A message received within a method waits until the method has returned, and then runs.
#[test]
fn messages_within_a_method_are_queued() {
    let (world, client, server, log) = meddle();
    let main: RpcStub = client.peer.remote_main();
    let nested = r#"["push",["pipeline",0,["log"],[]]]"#;
    drop(main.call::<i64>("feed", (nested,)));
    world.settle();
    assert_eq!(*log.borrow(), ["fed", "logged"]);
    assert!(server.peer.closed().is_none());
}

/// Calls of the message that ended the session are not made.
#[test]
fn no_calls_after_the_end() {
    let (world, _client, server, log) = meddle();
    let two = r#"["push",[[["pipeline",0,["abort"],[]],["pipeline",0,["log"],[]]]]]"#;
    server.peer.recv(two);
    world.settle();
    assert!(server.peer.closed().is_some());
    assert_eq!(*log.borrow(), [] as [&str; 0]);
}

#[test]
fn methods_that_end_their_session() {
    for (method, message) in [("abort", "from within"), ("leave", "left")] {
        let (world, client, server, _) = meddle();
        let main: RpcStub = client.peer.remote_main();
        drop(main.call::<i64>(method, ()));
        world.settle();
        assert_eq!(server.peer.closed().unwrap().message(), message);
        assert_eq!(server.closed(), [format!("Error: {message}")]);
        assert!(!server.is_running());
    }
}

/// A panic rejects the call that it happened in; others go on.
#[test]
fn panics() {
    let (world, client, server, log) = meddle();
    let main: RpcStub = client.peer.remote_main();
    let mut waiting = main.call::<String>("wait", ());
    assert!(world.run(futures::future::poll_immediate(&mut waiting)).is_none());
    world.settle();
    let panics = RpcError::error("The call failed: the server panicked.");
    server.peer.recv(r#"["push",[[["pipeline",0,["panic"],[]],["pipeline",0,["log"],[]]]]]"#);
    assert_eq!(*log.borrow(), ["logged"]);
    assert_eq!(world.run(main.call::<i64>("panic", ())), Err(panics.clone()));
    assert_eq!(world.run(main.call::<i64>("panicLater", ())), Err(panics));
    drop(main.call::<i64>("open", ()));
    assert_eq!(world.run(waiting), Ok("waited".to_owned()));
}

/// Callbacks and destructors that use stubs and promises of the session.
#[test]
fn callbacks_and_destructors() {
    let (world, client, server, _) = meddle();
    let main: RpcStub = client.peer.remote_main();
    let log = Log::default();
    let (of_drop, of_break) = (Rc::clone(&log), Rc::clone(&log));
    let (in_drop, in_break) = (main.dup(), main.dup());
    let object = Meddler::default();
    *object.on_drop.borrow_mut() = Some(Box::new(move || {
        drop(in_drop.call::<()>("callBack", ()));
        of_drop.borrow_mut().push("dropped");
    }));
    main.on_broken(move |_| {
        in_break.on_broken(|_| {});
        drop(in_break.call::<()>("callBack", ()));
        of_break.borrow_mut().push("broken");
    });
    assert!(world.run(main.call::<i64>("keep", (RpcStub::new(object),))).is_ok());
    assert!(world.run(main.call::<i64>("drop", ())).is_ok());
    world.settle();
    assert_eq!(*log.borrow(), ["dropped"]);
    server.peer.abort(RpcError::error("end"));
    world.settle();
    assert_eq!(*log.borrow(), ["dropped", "broken"]);
}

/// A transport that delivers at once, into a peer that answers at once.
#[test]
fn transports_that_deliver_at_once() {
    #[derive(Clone, Default)]
    struct Direct {
        to: Rc<RefCell<Option<Peer>>>,
        depth: Rc<Cell<usize>>,
    }
    impl Transport for Direct {
        fn send(&self, messages: &Outbox) {
            self.depth.set(self.depth.get() + 1);
            let to = self.to.borrow().clone().unwrap();
            for message in messages.messages() {
                to.recv(message);
            }
        }
    }
    let (to_a, to_b) = (Direct::default(), Direct::default());
    let options = RpcSessionOptions::default;
    let a = Peer::new(Some(Rc::new(counter(0))), to_b.clone(), options());
    let b = Peer::new(Some(Rc::new(counter(10))), to_a.clone(), options());
    *to_a.to.borrow_mut() = Some(a.clone());
    *to_b.to.borrow_mut() = Some(b.clone());
    let (at_b, at_a): (RpcStub, RpcStub) = (a.remote_main(), b.remote_main());
    let drive = futures::future::join(a.run(), b.run());
    let calls = async {
        assert_eq!(at_b.call::<i64>("increment", (1,)).await, Ok(11));
        assert_eq!(at_a.call::<i64>("increment", (1,)).await, Ok(1));
    };
    futures::executor::block_on(futures::future::select(Box::pin(calls), Box::pin(drive)));
    assert!(to_a.depth.get() > 0);
    to_a.to.take();
    to_b.to.take();
}
