//! Values of promises that the host of a target brings itself.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};

use futures::future::LocalBoxFuture;
use topsail_core::{
    Answer, Arguments, IntoRpc, Outbox, Outgoing, Peer, PromisedTarget, Property, RpcError,
    RpcSessionOptions, RpcStub, RpcTarget, Settle, Transport, function,
};

/// Promises every call's result; what is asked for lies in a list, until the test gives it. The method
/// `give` gives the first itself.
#[derive(Clone, Default)]
struct Host(Rc<RefCell<Vec<Settle>>>);

impl Host {
    fn next(&self) -> Settle {
        self.0.borrow_mut().remove(0)
    }

    fn give(&self, value: impl IntoRpc) {
        self.next().settle(|| value.into_rpc());
    }
}

impl RpcTarget for Host {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        match method {
            "give" => self.give("given"),
            "echo" => return Answer::Ready(arguments.next::<Outgoing>()),
            _ => return Answer::Promised(Rc::new(Host::clone(&self))),
        }
        Answer::Ready(().into_rpc())
    }

    fn get(self: Rc<Self>, _: &str) -> Property {
        Property::Missing
    }
}

impl PromisedTarget for Host {
    fn resolve(self: Rc<Self>) -> LocalBoxFuture<'static, Result<Outgoing, RpcError>> {
        Box::pin(async { "by a task".into_rpc() })
    }

    fn resolve_to(self: Rc<Self>, settle: Settle) -> Option<Settle> {
        self.0.borrow_mut().push(settle);
        None
    }
}

#[derive(Clone, Default)]
struct Sent {
    messages: Rc<RefCell<Vec<String>>>,
    needs_driver: bool,
}

impl Transport for Sent {
    fn send(&self, messages: &Outbox) {
        self.messages.borrow_mut().extend(messages.messages().map(str::to_owned));
    }

    fn needs_no_driver(&self) -> bool {
        !self.needs_driver
    }
}

impl Sent {
    fn serve(&self, host: &Host) -> Peer {
        Peer::new(Some(Rc::new(host.clone())), self.clone(), RpcSessionOptions::default())
    }

    fn take(&self) -> Vec<String> {
        self.messages.take()
    }
}

fn call(on: u32, method: &str, arguments: &str) -> String {
    format!(r#"["push",["pipeline",{on},["{method}"],[{arguments}]]]"#)
}

fn is_over(run: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    std::pin::Pin::new(run).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn values_go_out_as_they_come() {
    let (host, sent) = (Host::default(), Sent::default());
    let peer = sent.serve(&host);
    // The third waits for the second, for which nobody else has asked.
    let calls = [call(0, "a", ""), call(0, "b", ""), call(0, "echo", r#"["pipeline",2]"#)];
    calls.iter().for_each(|call| peer.recv(call));
    assert_eq!(host.0.borrow().len(), 1, "only what somebody waits for is asked for");
    peer.recv(r#"["pull",1]"#);
    peer.recv(r#"["pull",3]"#);
    host.give("b");
    assert_eq!(sent.take(), [r#"["resolve",3,"b"]"#]);
    host.next().settle(|| Err(RpcError::range_error("a")));
    assert_eq!(sent.take(), [r#"["reject",1,["error","RangeError","a"]]"#]);
}

#[test]
fn within_a_turn() {
    let (host, sent) = (Host::default(), Sent::default());
    let peer = sent.serve(&host);
    for message in [&*call(0, "a", ""), r#"["pull",1]"#, &call(0, "give", ""), r#"["pull",2]"#] {
        peer.recv(message);
    }
    assert_eq!(sent.take(), [r#"["resolve",1,"given"]"#, r#"["resolve",2,["undefined"]]"#]);
}

#[test]
fn a_handle_that_is_dropped_rejects() {
    let (host, sent) = (Host::default(), Sent::default());
    let peer = sent.serve(&host);
    peer.recv(&call(0, "a", ""));
    peer.recv(r#"["pull",1]"#);
    drop(host.next());
    peer.flush();
    assert_eq!(sent.take(), [r#"["reject",1,["error","Error","the promise is gone"]]"#]);
}

#[test]
fn a_session_that_needs_its_driver_has_a_task() {
    let (host, sent) = (Host::default(), Sent { needs_driver: true, ..Sent::default() });
    let peer = sent.serve(&host);
    peer.recv(&call(0, "a", ""));
    peer.recv(r#"["pull",1]"#);
    assert_eq!(sent.take(), [r#"["resolve",1,"by a task"]"#]);
    assert!(host.0.borrow().is_empty());
}

#[test]
fn a_session_that_has_ended_runs_until_the_value_is_there() {
    let (host, sent) = (Host::default(), Sent::default());
    let peer = sent.serve(&host);
    let mut run = pin!(peer.run());
    peer.recv(&call(0, "a", ""));
    peer.recv(r#"["pull",1]"#);
    peer.disconnected(RpcError::error("gone"));
    assert!(!is_over(&mut run));
    assert_eq!(Rc::strong_count(&host.0), 2, "the promise stays");
    let (stub, target) = watched();
    host.give(stub);
    assert!(is_over(&mut run));
    assert_eq!(Rc::strong_count(&host.0), 1);
    assert!(target.upgrade().is_none(), "nobody has it");
}

#[test]
fn a_value_for_a_session_that_is_gone() {
    let (host, sent) = (Host::default(), Sent::default());
    let peer = sent.serve(&host);
    peer.recv(&call(0, "a", ""));
    peer.recv(r#"["pull",1]"#);
    drop(peer);
    let (stub, target) = watched();
    host.give(stub);
    assert!(target.upgrade().is_none(), "nobody has it");
    assert!(sent.take().is_empty());
}

/// A stub, and whether its target lives.
fn watched() -> (RpcStub, Weak<()>) {
    let alive = Rc::new(());
    let weak = Rc::downgrade(&alive);
    let stub = function(move || {
        let _ = &alive;
        1
    });
    (stub.cast(), weak)
}
