//! Peers as bytes, and back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use topsail_core::{
    Answer, Arguments, Durable, DurableTarget, IntoRpc, Outbox, Outgoing, Peer, Property, RawStub,
    Revive, RpcError, RpcSessionOptions, RpcStub, RpcTarget, Transport, revive,
};

/// Keeps what is sent.
#[derive(Clone, Default)]
struct Sent(Rc<RefCell<Vec<String>>>);

impl Transport for Sent {
    fn send(&self, messages: &Outbox) {
        self.0.borrow_mut().extend(messages.messages().map(str::to_owned));
    }
}

/// The main object: makes the others.
struct Main;

impl RpcTarget for Main {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        Answer::Ready(match method {
            "node" => (|| {
                let (value, links) = (arguments.next()?, arguments.next()?);
                RpcStub::new(Node { value: Cell::new(value), links }).into_rpc()
            })(),
            "ordinary" => RpcStub::new(Ordinary).into_rpc(),
            "wait" => return Answer::Pending(Box::pin(std::future::pending())),
            _ => return Answer::NoSuchMethod,
        })
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

/// A durable target that holds a value and whatever stubs.
#[derive(Serialize, Deserialize)]
struct Node {
    value: Cell<u32>,
    links: Vec<RpcStub>,
}

impl RpcTarget for Node {
    fn call(self: Rc<Self>, method: &str, _arguments: Arguments<'_>) -> Answer {
        match method {
            "increment" => self.value.set(self.value.get() + 1),
            "pass" => self.links.iter().for_each(|link| drop(link.call::<()>("increment", ()))),
            _ => return Answer::NoSuchMethod,
        }
        Answer::Ready(self.value.get().into_rpc())
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }

    fn as_durable(&self) -> Option<&dyn DurableTarget> {
        Some(self)
    }
}

impl Durable for Node {
    const KIND: &'static str = "node";

    fn save_state<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn revive_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer)
    }
}

struct Ordinary;

impl RpcTarget for Ordinary {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

struct Sleeper {
    peer: Peer,
    sent: Sent,
    /// What the last freeze would have lost.
    losses: Vec<String>,
}

impl Sleeper {
    fn new() -> Self {
        let sent = Sent::default();
        let peer = Peer::new(Some(Rc::new(Main)), sent.clone(), RpcSessionOptions::default());
        Sleeper { peer, sent, losses: Vec::new() }
    }

    fn recv<const N: usize>(&self, frames: [&str; N]) -> Vec<String> {
        frames.iter().for_each(|frame| self.peer.recv(frame));
        self.sent.0.take()
    }

    /// Calls a method of something of this side's; gives what is sent until the result has come.
    fn call(&self, push: u32, on: &str, method: &str) -> Vec<String> {
        let push_frame = format!(r#"["push",["pipeline",{on},["{method}"],[]]]"#);
        let pull = format!(r#"["pull",{push}]"#);
        let sent = self.recv([&push_frame, &pull]);
        // Calls between objects of this side run by themselves where there is an executor.
        let probe: RpcStub = Ordinary.into();
        assert!(futures::executor::block_on(probe.call::<()>("none", ())).is_err());
        sent
    }

    fn sleep(&mut self) {
        let bytes = self.freeze();
        let sent = Sent::default();
        let thawed = thaw(&bytes, sent.clone(), &mut revive_node).expect("it thaws");
        *self = Sleeper { peer: thawed, sent, losses: std::mem::take(&mut self.losses) };
        let losses = std::mem::take(&mut self.losses);
        if losses.is_empty() {
            assert_eq!(self.freeze(), bytes, "nothing has changed");
        }
        self.losses = losses;
    }

    fn freeze(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let losses = self.peer.freeze(&[], &lost(), &mut bytes).expect("it freezes");
        self.losses = losses.into_iter().map(|loss| loss.reason).collect();
        bytes
    }
}

fn lost() -> RpcError {
    RpcError::error("lost")
}

fn revive_node(kind: &str, state: Outgoing) -> Result<Rc<dyn RpcTarget>, RpcError> {
    assert_eq!(kind, "node");
    revive::<Node>(state)
}

fn thaw(
    bytes: &[u8],
    sent: Sent,
    revive: Revive<'_>,
) -> Result<Peer, topsail_core::proto::ThawError> {
    let options = RpcSessionOptions::default();
    Peer::thaw(bytes, Rc::new(Main), sent, options, revive).map(|(peer, _)| peer)
}

/// The peer has a node with a link to its own function, and one with a link to the first.
fn two_nodes() -> Sleeper {
    let sleeper = Sleeper::new();
    let sent = sleeper.recv([
        r#"["push",["pipeline",0,["node"],[5,[[["export",-1]]]]]]"#,
        r#"["pull",1]"#,
        r#"["push",["pipeline",0,["node"],[7,[[["pipeline",1]]]]]]"#,
        r#"["pull",2]"#,
    ]);
    let expected = [r#"["resolve",1,["export",-1]]"#, r#"["resolve",2,["export",-2]]"#];
    assert_eq!(sent, expected);
    sleeper
}

#[test]
fn states_with_stubs() {
    for sleeps in [false, true] {
        let mut sleeper = two_nodes();
        let rest = |sleeper: &mut Sleeper| {
            if sleeps {
                sleeper.sleep();
                assert_eq!(sleeper.losses, [""; 0]);
            }
        };
        rest(&mut sleeper);
        assert_eq!(sleeper.call(3, "-1", "increment"), [r#"["resolve",3,6]"#]);
        rest(&mut sleeper);
        // The first node's link leads to the peer.
        let sent = sleeper.call(4, "-1", "pass");
        assert!(
            sent.contains(&r#"["push",["pipeline",-1,["increment"],[]]]"#.to_owned()),
            "{sent:?}"
        );
        assert!(sent.contains(&r#"["resolve",4,6]"#.to_owned()), "{sent:?}");
        rest(&mut sleeper);
        // The second one's to the first.
        assert_eq!(sleeper.call(5, "-2", "pass"), [r#"["resolve",5,7]"#]);
        rest(&mut sleeper);
        assert_eq!(sleeper.call(6, "-1", "increment"), [r#"["resolve",6,8]"#]);
    }
}

/// What a state has is let go with its target, after sleep too.
#[test]
fn stubs_of_states_are_released() {
    for sleeps in 0..3 {
        let mut sleeper = two_nodes();
        (0..sleeps).for_each(|_| sleeper.sleep());
        let second = [r#"["release",-2,1]"#, r#"["release",2,1]"#];
        assert_eq!(sleeper.recv(second), [""; 0], "the first is in the peer's hands");
        let mut sent = sleeper.recv([r#"["release",-1,1]"#, r#"["release",1,1]"#]);
        sleeper.peer.flush();
        sent.extend(sleeper.recv([]));
        assert_eq!(sent, [r#"["release",-1,1]"#], "after {sleeps} sleeps");
        assert_eq!(sleeper.peer.stats(), Sleeper::new().peer.stats());
    }
}

#[test]
fn one_node_by_two_ways_is_one_after_sleep() {
    let mut sleeper = two_nodes();
    sleeper.recv([r#"["push",[[["import",-1],["import",-1]]]]"#]);
    sleeper.sleep();
    sleeper.call(4, "-1", "increment");
    let sent = sleeper.recv([r#"["push",["pipeline",3,[1,"increment"],[]]]"#, r#"["pull",5]"#]);
    assert_eq!(sent, [r#"["resolve",5,7]"#]);
}

#[test]
fn what_is_lost() {
    let mut sleeper = two_nodes();
    sleeper.recv([
        r#"["push",["pipeline",0,["ordinary"],[]]]"#,
        r#"["pull",3]"#,
        r#"["push",["pipeline",0,["wait"],[]]]"#,
        r#"["pull",4]"#,
    ]);
    sleeper.sleep();
    let [call, ordinary] = &sleeper.losses[..] else { panic!("{:?}", sleeper.losses) };
    assert_eq!(call, "a call runs");
    assert!(ordinary.ends_with("Ordinary is not durable"), "{ordinary}");
    let waiting = sleeper.recv([]);
    assert_eq!(waiting, [""; 0], "it is sent with the first turn");
    sleeper.peer.flush();
    assert_eq!(sleeper.recv([]), [r#"["reject",4,["error","Error","lost"]]"#]);
    assert_eq!(sleeper.call(5, "-3", "any"), [r#"["reject",5,["error","Error","lost"]]"#]);
}

#[test]
fn a_state_with_a_stub_of_another_session_cannot_be_saved() {
    let (sleeper, other) = (two_nodes(), two_nodes());
    let foreign: RpcStub = other.peer.remote_main();
    let node = RpcStub::new(Node { value: Cell::new(1), links: vec![foreign] });
    drop(sleeper.peer.remote_main::<topsail_core::Untyped>().call::<()>("take", (node,)));
    sleeper.peer.flush();
    let losses = sleeper.peer.freeze(&[], &lost(), &mut Vec::new()).expect("it freezes");
    let reasons: Vec<_> = losses.iter().map(|loss| loss.reason.as_str()).collect();
    let why = "Node cannot be saved: it holds a promise, or a stub of another session";
    assert!(reasons.iter().any(|reason| reason.ends_with(why)), "{reasons:?}");
}

#[test]
fn a_state_that_does_not_fit_breaks_its_target_only() {
    let mut sleeper = two_nodes();
    let bytes = sleeper.freeze();
    let sent = Sent::default();
    let mut first = true;
    let mut revive = |_: &str, state: Outgoing| match std::mem::take(&mut first) {
        true => Err(RpcError::type_error("no such field")),
        false => revive::<Node>(state),
    };
    let peer = thaw(&bytes, sent.clone(), &mut revive).expect("it thaws");
    let sleeper = Sleeper { peer, sent, losses: Vec::new() };
    let broken = r#"["reject",3,["error","TypeError","no such field"]]"#;
    // Nobody holds the peer's function any more.
    assert_eq!(sleeper.call(3, "-1", "increment"), [r#"["release",-1,1]"#, broken]);
    assert_eq!(sleeper.call(4, "-2", "increment"), [r#"["resolve",4,8]"#]);
}

/// Without the application: what it last saved counts, and what runs rejects.
#[test]
fn in_the_middle_of_something() {
    let mut sleeper = two_nodes();
    sleeper.freeze();
    sleeper.call(3, "-1", "increment");
    sleeper.recv([r#"["push",["pipeline",0,["wait"],[]]]"#, r#"["pull",4]"#]);
    let last = sleeper.peer.fail_running(&lost()).expect("between turns");
    assert_eq!(last.as_str(), r#"["reject",4,["error","Error","lost"]]"#);
    let mut bytes = Vec::new();
    sleeper.peer.freeze_as_before(&[], &lost(), &mut bytes).expect("it freezes");
    let sent = Sent::default();
    let peer = thaw(&bytes, sent.clone(), &mut revive_node).expect("it thaws");
    let sleeper = Sleeper { peer, sent, losses: Vec::new() };
    assert_eq!(sleeper.call(5, "-1", "increment"), [r#"["resolve",5,6]"#]);
}

#[test]
fn held_stubs_come_back_in_order() {
    let sleeper = two_nodes();
    let main = sleeper.peer.remote_main::<topsail_core::Untyped>().into_raw();
    let failed: RawStub = <RpcStub>::failed(RpcError::error("broken")).into_raw();
    let mut bytes = Vec::new();
    let held = [&main, &failed, &main];
    sleeper.peer.freeze(&held, &lost(), &mut bytes).expect("it freezes");
    let options = RpcSessionOptions::default();
    let thawed = Peer::thaw(&bytes, Rc::new(Main), Sent::default(), options, &mut revive_node);
    let (peer, held) = thawed.expect("it thaws");
    assert!(held.len() >= 3);
    assert!(peer.is_of(&held[0]) && peer.is_of(&held[2]));
    assert_eq!(held[0], held[2]);
    assert_ne!(held[0], held[1]);
}

/// Bytes that were changed are refused, or give a session that can be used and that ends.
#[test]
fn hostile_bytes() {
    let bytes = two_nodes().freeze();
    let mut thawed = 0;
    for at in 0..bytes.len() {
        for flip in [1, 0x10, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            let mut revive = |_: &str, state| revive::<Node>(state);
            let Ok(peer) = thaw(&bytes, Sent::default(), &mut revive) else { continue };
            thawed += 1;
            for frame in [r#"["push",["pipeline",-1,["increment"],[]]]"#, r#"["pull",3]"#] {
                peer.recv(frame);
            }
            peer.disconnected(RpcError::error("gone"));
            assert_eq!(peer.stats().exports, 0, "byte {at}");
        }
    }
    assert!(thawed > 50, "{thawed}");
}

/// What is abandoned is dropped, and says nothing.
#[test]
fn abandoned() {
    let sleeper = two_nodes();
    let weak = {
        let node = Rc::new(Node { value: Cell::new(1), links: Vec::new() });
        let weak = Rc::downgrade(&node);
        drop(
            sleeper
                .peer
                .remote_main::<topsail_core::Untyped>()
                .call::<()>("take", (RpcStub::new(node),)),
        );
        sleeper.peer.flush();
        weak
    };
    sleeper.sent.0.take();
    assert_eq!(weak.strong_count(), 1);
    sleeper.peer.abandon();
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(sleeper.recv([]), [""; 0]);
}
