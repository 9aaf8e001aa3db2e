//! Which durable targets are asked for their states while a session is not saved, and what is known of
//! them then.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use topsail_core::{
    Answer, Arguments, Durable, DurableTarget, IntoRpc, Outbox, Peer, Property, RpcError,
    RpcSessionOptions, RpcStub, RpcTarget, Transport, revive,
};

/// What all objects of a session see.
#[derive(Default)]
struct World {
    /// How many times targets were asked.
    asked: Cell<usize>,
    counters: RefCell<Vec<Rc<Counter>>>,
    peer: RefCell<Option<Peer>>,
    /// Has the methods go on that wait.
    gates: RefCell<Vec<oneshot::Sender<()>>>,
    sent: RefCell<Vec<String>>,
}

/// The main object: gives out counters.
struct Main(Rc<World>);

impl RpcTarget for Main {
    fn call(self: Rc<Self>, _method: &str, mut arguments: Arguments<'_>) -> Answer {
        let link = RefCell::new(arguments.next().ok());
        let counter = Counter { world: Rc::clone(&self.0), value: Cell::new(0), link };
        let counter = Rc::new(counter);
        self.0.counters.borrow_mut().push(Rc::clone(&counter));
        Answer::Ready(RpcStub::new(counter).into_rpc())
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

struct Counter {
    world: Rc<World>,
    value: Cell<u32>,
    link: RefCell<Option<RpcStub>>,
}

impl RpcTarget for Counter {
    fn call(self: Rc<Self>, method: &str, _arguments: Arguments<'_>) -> Answer {
        match method {
            "increment" => self.increment(),
            "noted" => {
                let peer = self.world.peer.borrow().clone();
                peer.iter().for_each(Peer::note_targets);
                self.increment();
            }
            "wait" => {
                let (gate, goes_on) = oneshot::channel();
                self.world.gates.borrow_mut().push(gate);
                return Answer::Pending(Box::pin(async move {
                    self.increment();
                    let _ = goes_on.await;
                    self.increment();
                    self.value.get().into_rpc()
                }));
            }
            _ => return Answer::NoSuchMethod,
        }
        Answer::Ready(self.value.get().into_rpc())
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        if property == "increment" {
            return Property::Method;
        }
        self.increment();
        Property::Value(Answer::Ready(self.value.get().into_rpc()))
    }

    fn as_durable(&self) -> Option<&dyn DurableTarget> {
        Some(self)
    }
}

impl Counter {
    fn increment(&self) {
        self.value.update(|value| value + 1);
    }
}

impl Durable for Counter {
    const KIND: &'static str = "counter";

    fn save_state<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.world.asked.update(|asked| asked + 1);
        (&self.value, &self.link).serialize(serializer)
    }

    fn revive_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (value, link) = Deserialize::deserialize(deserializer)?;
        Ok(Counter { world: Rc::default(), value, link })
    }
}

impl Transport for Sent {
    fn send(&self, messages: &Outbox) {
        self.0.sent.borrow_mut().extend(messages.messages().map(str::to_owned));
    }
}

struct Sent(Rc<World>);

/// A session that is noted after every message, and saved in the end.
struct Noted {
    world: Rc<World>,
    peer: Peer,
    pushes: Cell<usize>,
}

impl Noted {
    fn new() -> Self {
        let world = Rc::<World>::default();
        let (main, sent) = (Rc::new(Main(Rc::clone(&world))), Sent(Rc::clone(&world)));
        let peer = Peer::new(Some(main), sent, RpcSessionOptions::default());
        world.peer.replace(Some(peer.clone()));
        Noted { world, peer, pushes: Cell::new(0) }
    }

    /// With so many counters, of which the nth is the export -n.
    fn with(counters: usize) -> Self {
        let noted = Noted::new();
        (0..counters).for_each(|_| noted.give_out());
        noted
    }

    fn give_out(&self) {
        self.push(r#"["pipeline",0,["counter"],[]]"#);
    }

    fn call(&self, counter: usize, method: &str) {
        self.push(&format!(r#"["pipeline",-{counter},["{method}"],[]]"#));
    }

    fn push(&self, expression: &str) {
        self.pushes.update(|pushes| pushes + 1);
        self.recv(&format!(r#"["push",{expression}]"#));
        self.recv(&format!(r#"["pull",{}]"#, self.pushes.get()));
    }

    fn recv(&self, text: &str) {
        self.peer.recv(text);
        self.peer.note_touched_targets();
    }

    /// Has the methods go on that wait.
    fn go_on(&self) {
        drop(self.world.gates.take());
        let run = self.peer.run();
        let _ = futures::FutureExt::now_or_never(run);
        self.peer.note_touched_targets();
    }

    /// The counters as they would be if the memory were lost, with their links.
    fn lose(&self) -> Vec<Rc<Counter>> {
        let (mut bytes, mut revived) = (Vec::new(), Vec::new());
        let lost = RpcError::error("lost");
        self.peer.freeze_as_before(&[], &lost, &mut bytes).expect("it freezes");
        let mut revive = |_: &str, state| {
            let counter = revive::<Counter>(state)?;
            let any: Rc<dyn std::any::Any> = Rc::clone(&counter) as _;
            revived.extend(any.downcast::<Counter>().ok());
            Ok(counter)
        };
        let main = Rc::new(Main(Rc::default()));
        let sent = Sent(Rc::clone(&self.world));
        let options = RpcSessionOptions::default();
        let (peer, _) = Peer::thaw(&bytes, main, sent, options, &mut revive).expect("it thaws");
        // Keeps the session.
        self.world.peer.replace(Some(peer));
        revived
    }

    fn values(&self) -> Vec<u32> {
        self.lose().iter().map(|counter| counter.value.get()).collect()
    }
}

const MANY: usize = 400;

/// What is done in a session.
type Run = fn(&Noted);

/// However many targets there are, a message has few of them asked.
#[test]
fn few_are_asked() {
    let rows: [(&str, Run); 5] = [
        ("given out", |noted| (0..MANY).for_each(|_| noted.give_out())),
        ("called", |noted| (1..=MANY).for_each(|id| noted.call(id, "increment"))),
        ("running", |noted| (1..=MANY).for_each(|id| noted.call(id, "wait"))),
        ("one, often", |noted| (0..MANY).for_each(|_| noted.call(1, "increment"))),
        ("none", |noted| (0..MANY).for_each(|_| noted.push("0"))),
    ];
    for (what, run) in rows {
        let noted = Noted::with(if what == "given out" { 0 } else { MANY });
        noted.world.asked.set(0);
        run(&noted);
        let asked = noted.world.asked.get();
        // Two messages each, which pay for sixteen.
        assert!(asked <= 36 * MANY, "{what}: {asked}");
    }
}

/// What calls of the session have done is never lost.
#[test]
fn what_the_session_calls_is_noted() {
    let rows: [(&str, u32, Run); 8] = [
        ("call", 1, |noted| noted.call(1, "increment")),
        ("calls", 3, |noted| (0..3).for_each(|_| noted.call(1, "increment"))),
        ("getter", 1, |noted| noted.push(r#"["pipeline",-1,["any"]]"#)),
        ("a method as a function", 1, |noted| {
            noted.push(r#"["pipeline",-1,["increment"]]"#);
            noted.push(&format!(r#"["pipeline",{},[],[]]"#, noted.pushes.get()));
        }),
        ("map", 2, |noted| {
            noted.push("[[1,2]]");
            let captures = r#"[["import",-1]],[["pipeline",-1,["increment"],[]]]"#;
            noted.push(&format!(r#"["remap",{},[],{captures}]"#, noted.pushes.get()));
        }),
        ("a method that runs", 1, |noted| noted.call(1, "wait")),
        ("a method that has gone on", 2, |noted| {
            noted.call(1, "wait");
            noted.give_out();
            noted.go_on();
        }),
        ("a method in which all are noted", 1, |noted| noted.call(1, "noted")),
    ];
    for (what, expected, run) in rows {
        let noted = Noted::with(MANY);
        // From then on no note is one of all.
        noted.peer.note_targets();
        run(&noted);
        assert_eq!(noted.values().iter().max(), Some(&expected), "{what}");
    }
}

#[test]
fn those_that_are_new_or_gone_are_noted() {
    let noted = Noted::with(MANY);
    noted.peer.note_targets();
    noted.give_out();
    assert_eq!(noted.values().len(), MANY + 1);
    noted.recv(r#"["release",-1,1]"#);
    noted.recv(r#"["release",1,1]"#);
    assert_eq!(noted.values().len(), MANY);
}

/// What only a state refers to is let go with its target.
#[test]
fn states_are_forgotten_with_their_targets() {
    let noted = Noted::with(MANY);
    noted.peer.note_targets();
    let before = noted.peer.stats();
    noted.give_out();
    let first = noted.pushes.get();
    noted.push(r#"["pipeline",0,["counter"],[["import",-401]]]"#);
    for id in [-401, -402, first as isize, noted.pushes.get() as isize] {
        noted.recv(&format!(r#"["release",{id},1]"#));
    }
    // The world keeps the second one, which holds the first.
    assert_eq!(noted.values().len(), MANY);
    noted.peer.flush();
    noted.peer.note_touched_targets();
    noted.peer.flush();
    assert_eq!(noted.peer.stats(), before);
}

/// What changes a target past its session is noted with the next save, or some messages later.
#[test]
fn what_changes_in_another_way_is_noted_later() {
    let change = |noted: &Noted| noted.world.counters.borrow()[0].increment();
    let noted = Noted::with(MANY);
    noted.peer.note_targets();
    change(&noted);
    noted.recv("[\"pull\",1]");
    assert_eq!(noted.values().iter().max(), Some(&0));
    noted.peer.note_targets();
    assert_eq!(noted.values().iter().max(), Some(&1));

    change(&noted);
    (0..=MANY / 16).for_each(|_| noted.recv("[\"pull\",1]"));
    assert_eq!(noted.values().iter().max(), Some(&2));

    // Where there are few, at once.
    let noted = Noted::with(8);
    change(&noted);
    noted.recv("[\"pull\",1]");
    assert_eq!(noted.values().iter().max(), Some(&1));
}

/// A target that has let go of a stub past its session does not get another one in its place.
#[test]
fn a_stub_that_is_let_go_of_is_lost() {
    let noted = Noted::with(MANY);
    let with_link =
        |id: i32| noted.push(&format!(r#"["pipeline",0,["counter"],[["export",{id}]]]"#));
    with_link(-1);
    noted.peer.note_targets();
    let first = noted.world.counters.borrow().last().map(Rc::clone).expect("one");
    first.link.take();
    noted.peer.flush();
    [-2, -3, -4].into_iter().for_each(with_link);
    let counters = noted.lose();
    noted.world.sent.take();
    for counter in &counters {
        drop(counter.link.borrow().as_ref().map(|link| link.invoke::<()>((0,))));
    }
    noted.world.peer.borrow().iter().for_each(Peer::flush);
    let sent = noted.world.sent.take();
    let calls = sent.iter().filter(|text| text.contains("pipeline")).count();
    assert_eq!(calls, 3, "{sent:?}");
}
