//! Promises that take calls: those of other sessions, and those of the application.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use topsail_core::{
    Answer, Arguments, IntoRpc, Outgoing, PromisedTarget, Property, RpcError, RpcStub, RpcTarget,
    function,
};

use super::targets::Api;
use super::world::World;

type OnBroken = Box<dyn FnOnce(RpcError)>;

/// Answers every call with a promise of how it was made; its object breaks on demand.
#[derive(Clone, Default)]
struct Far {
    path: String,
    log: Rc<RefCell<Vec<String>>>,
    callbacks: Rc<RefCell<Vec<OnBroken>>>,
}

impl Far {
    fn then(&self, step: &str) -> Answer {
        let path = format!("{}.{step}", self.path);
        self.log.borrow_mut().push(path.clone());
        Answer::Promised(Rc::new(Far { path, ..self.clone() }))
    }
}

impl RpcTarget for Far {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        if method == "break" {
            for callback in self.callbacks.take() {
                callback(RpcError::error("broken"));
            }
            return Answer::Ready(().into_rpc());
        }
        match arguments.all::<Outgoing>() {
            Ok(list) => self.then(&format!("{method}{}", list.text())),
            Err(error) => Answer::Ready(Err(error)),
        }
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        Property::Value(self.then(property))
    }

    fn on_broken(self: Rc<Self>, callback: Box<dyn FnOnce(RpcError)>) {
        self.callbacks.borrow_mut().push(callback);
    }
}

impl PromisedTarget for Far {
    fn resolve(self: Rc<Self>) -> LocalBoxFuture<'static, Result<Outgoing, RpcError>> {
        self.log.borrow_mut().push(format!("{}!", self.path));
        Box::pin(async move { self.path.as_str().into_rpc() })
    }
}

#[test]
fn a_chain_of_calls_is_made_without_resolving() {
    let far = Far::default();
    let (world, client, _server) = World::pair(far.clone());
    let main: RpcStub = client.peer.remote_main();
    let first = main.call::<String>("a", (1,));
    let second = first.call::<String>("b", ());
    let third = second.get::<String>("c");
    assert_eq!(world.run(third), Ok(".a[1].b[].c".to_owned()));
    assert_eq!(far.log.take(), [".a[1]", ".a[1].b[]", ".a[1].b[].c", ".a[1].b[].c!"]);
    drop((first, second, main));
    world.finish();
}

#[test]
fn through_another_session() {
    let world = World::new();
    let api = Api::default();
    let gate = Rc::clone(&api.gate);
    let (b_to_c, _c) = world.link(None, Some(Rc::new(api)));
    let far: RpcStub = b_to_c.peer.remote_main();
    let (a, _b) = world.link(None, Some(Rc::new(Lending(far))));
    let through = a.peer.remote_main::<topsail_core::Untyped>().call::<RpcStub>("lend", ());
    let slow = through.call::<i64>("wait", ());
    let piped = slow.call::<i64>("anything", (1,));
    world.settle();
    let sent = b_to_c.take_sent();
    assert!(sent.iter().any(|frame| frame.contains("anything")), "before the answer: {sent:?}");
    assert!(!sent.iter().any(|frame| frame.contains("pull")), "nobody has asked: {sent:?}");
    gate.release();
    let error = world.run(piped).unwrap_err();
    assert_eq!(error.to_string(), "TypeError: 'anything' is not a function.");
    assert_eq!(world.run(slow), Ok(7));
    drop(through);
}

#[test]
fn a_target_that_breaks() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (world, client, _server) = World::pair(Api::default());
    let far = Rc::new(Far::default());
    let watch = |stub: &RpcStub, name: &'static str| {
        let seen = Rc::clone(&seen);
        stub.on_broken(move |error| seen.borrow_mut().push(format!("{name}: {error}")));
    };
    let local = RpcStub::from_target(far);
    watch(&local, "local");
    // One that comes back from the peer, and the promise of one.
    let main: RpcStub = client.peer.remote_main();
    let echoed = main.call::<RpcStub>("echo", (&local,));
    watch(&echoed.stub(), "promised");
    let echoed = world.run(echoed).unwrap();
    watch(&echoed, "echoed");
    world.settle();
    world.run(local.call::<()>("break", ())).unwrap();
    assert_eq!(
        *seen.borrow(),
        ["local: Error: broken", "promised: Error: broken", "echoed: Error: broken"]
    );
    watch(&function(|| 1), "function");
    drop((local, echoed, main));
    world.finish();
}

/// Lends a stub of another session.
struct Lending(RpcStub);

impl RpcTarget for Lending {
    fn call(self: Rc<Self>, _: &str, _: Arguments<'_>) -> Answer {
        Answer::Ready(self.0.dup().into_rpc())
    }

    fn get(self: Rc<Self>, _: &str) -> Property {
        Property::Missing
    }
}
