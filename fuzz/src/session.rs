//! Two honest peers that do whatever they like with each other, and sleep in between. Neither may
//! break the protocol, and what is let go of must be gone.

use std::pin::Pin;
use std::task::{Context, Waker};

use arbitrary::Arbitrary;
use topsail_core::proto::Stats;
use topsail_core::{
    Limits, Outgoing, RawStub, RpcError, RpcPromise, RpcReadable, RpcStub, Value, function,
};

use crate::host::{Host, settle_local};
use crate::objects::{METHODS, Node};

/// Something that one of the two does.
#[derive(Arbitrary, Debug)]
pub enum Step {
    /// Calls a method, or what it is called on as a function.
    Call(Which, u8, u8, Argument, Argument),
    /// Reads a property.
    Get(Which, u8, u8),
    /// Maps what comes.
    Map(Which, u8, u8),
    /// Awaits a promise.
    Await(Which, u8),
    /// Lets go of something.
    Drop(Which, u8),
    /// Receives some of what was sent to it.
    Receive(Which, u8),
    /// Lets calls go on that wait.
    Open(Which),
    /// Loses its memory.
    Sleep(Which),
}

/// One of the two peers.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    A,
    B,
}

/// An argument of a call.
#[derive(Arbitrary, Debug)]
pub enum Argument {
    Number(u8),
    Text,
    Nested(u8),
    Node(u8),
    Function,
    Stream(u8),
    Held(u8),
    HeldList(u8, u8),
}

/// What a peer holds.
enum Held {
    Stub(RpcStub),
    Promise(RpcPromise<Outgoing>),
}

/// Gives what a promise becomes.
type Awaiting = Pin<Box<dyn Future<Output = Result<Outgoing, RpcError>>>>;

struct Side {
    host: Host,
    held: Vec<Held>,
    awaiting: Vec<Awaiting>,
}

/// The most that a peer holds at once.
const MAX_HELD: usize = 40;

const PROPERTIES: [&str; 5] = ["size", "child", "links", "increment", "0"];

/// Takes the steps, lets go of everything, and checks that both are as they were at the start.
pub fn run(steps: &[Step]) {
    let mut pair = Pair::new();
    for step in steps.iter().take(200) {
        pair.step(step);
        pair.check_open();
    }
    pair.end();
}

struct Pair {
    a: Side,
    b: Side,
    ground: Stats,
}

impl Pair {
    fn new() -> Self {
        let (a, b) = (Side::new(), Side::new());
        let ground = b.host.peer.stats();
        Pair { a, b, ground }
    }

    fn side(&mut self, which: Which) -> &mut Side {
        match which {
            Which::A => &mut self.a,
            Which::B => &mut self.b,
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Call(which, on, method, ref first, ref second) => {
                self.side(which).call(on, method, [first, second]);
            }
            Step::Get(which, on, property) => self.side(which).get(on, property),
            Step::Map(which, on, how) => self.side(which).map(on, how),
            Step::Await(which, at) => self.side(which).wait(at),
            Step::Drop(which, at) => self.side(which).let_go(at),
            Step::Receive(which, count) => {
                for _ in 0..=count % 8 {
                    self.deliver(which);
                }
            }
            Step::Open(which) => self.side(which).host.gate.open(),
            Step::Sleep(which) => self.side(which).sleep(),
        }
        self.a.go_on();
        self.b.go_on();
    }

    /// Gives one peer a message of the other's. False if there is none.
    fn deliver(&mut self, to: Which) -> bool {
        let (to, from) = match to {
            Which::A => (&mut self.a, &self.b),
            Which::B => (&mut self.b, &self.a),
        };
        let message = from.host.sent.next();
        if let Some(message) = &message {
            to.host.peer.recv(message);
        }
        message.is_some()
    }

    fn settle(&mut self) {
        for _ in 0..100_000 {
            let has_moved = self.a.go_on() | self.b.go_on();
            let has_arrived = self.deliver(Which::A) | self.deliver(Which::B);
            if !has_moved && !has_arrived {
                return;
            }
        }
        panic!("never quiet");
    }

    fn check_open(&self) {
        for side in [&self.a, &self.b] {
            assert_eq!(side.host.peer.closed(), None);
        }
    }

    fn end(mut self) {
        // What is let through may call something that waits again; what waits for itself waits for ever.
        for _ in 0..20 {
            self.let_go();
            if [&self.a, &self.b].iter().all(|side| side.host.peer.stats().calls == 0) {
                break;
            }
        }
        for side in [&mut self.a, &mut self.b] {
            // The main object may keep something; and saved states are looked through again.
            side.sleep();
        }
        self.settle();
        self.check_open();
        for side in [&self.a, &self.b] {
            assert_eq!(side.host.peer.stats(), self.ground);
        }
    }

    /// Lets go of everything, and calls go on.
    fn let_go(&mut self) {
        for side in [&mut self.a, &mut self.b] {
            side.host.gate.open();
            side.held.clear();
            side.awaiting.clear();
            side.host.peer.flush();
        }
        settle_local();
        self.settle();
    }
}

impl Side {
    fn new() -> Self {
        Side { host: Host::new(Limits::default()), held: Vec::new(), awaiting: Vec::new() }
    }

    /// Something that is held, or the other side's main object.
    fn on(&self, at: u8) -> RpcStub {
        match self.held.get(usize::from(at)) {
            Some(Held::Stub(stub)) => stub.dup(),
            Some(Held::Promise(promise)) => promise.stub(),
            None => self.host.peer.remote_main(),
        }
    }

    fn call(&mut self, on: u8, method: u8, arguments: [&Argument; 2]) {
        let on = self.on(on);
        let [first, second] = arguments.map(|argument| self.argument(argument));
        let promise = match METHODS.get(usize::from(method)) {
            Some(name) => on.call(name, (first, second)),
            None => on.invoke((first, second)),
        };
        self.hold(Held::Promise(promise));
    }

    fn get(&mut self, on: u8, property: u8) {
        let property = PROPERTIES[usize::from(property) % PROPERTIES.len()];
        let promise = self.on(on).get(property);
        self.hold(Held::Promise(promise));
    }

    fn map(&mut self, on: u8, how: u8) {
        let Some(Held::Promise(promise)) = self.held.get(usize::from(on)) else { return };
        let captured = self.on(how / 4);
        let mapped = match how % 4 {
            0 => promise.map(|value: RpcPromise<Outgoing>| value),
            1 => promise.map(|value: RpcPromise<Outgoing>| {
                value.index::<Outgoing>(1).call::<Outgoing>("increment", ())
            }),
            2 => promise.map(|value: RpcPromise<Outgoing>| {
                (captured.call::<Outgoing>("echo", (value.dup(),)), value)
            }),
            _ => promise.map(|value: RpcPromise<Outgoing>| {
                value.map::<Outgoing, Outgoing, _>(|inner| vec![inner])
            }),
        };
        self.hold(Held::Promise(mapped));
    }

    fn wait(&mut self, at: u8) {
        if let Some(Held::Promise(promise)) = self.held.get(usize::from(at)) {
            self.awaiting.push(Box::pin(promise.dup().into_outgoing()));
        }
    }

    fn let_go(&mut self, at: u8) {
        if usize::from(at) < self.held.len() {
            self.held.swap_remove(usize::from(at));
        }
    }

    fn hold(&mut self, held: Held) {
        if self.held.len() < MAX_HELD {
            self.held.push(held);
        }
    }

    fn argument(&self, argument: &Argument) -> Value {
        match *argument {
            Argument::Number(number) => Value::from(f64::from(number)),
            Argument::Text => Value::from("text"),
            Argument::Nested(at) => Value::Array(vec![self.value(at), Value::from("inside")]),
            Argument::Node(at) => {
                let links = self.held.get(usize::from(at)).map(|_| self.on(at));
                RpcStub::new(Node::new(links.into_iter().collect())).into()
            }
            Argument::Function => function(|value: Outgoing| value).into(),
            Argument::Stream(count) => {
                let chunks = (0..count % 8).map(Ok::<_, RpcError>);
                RpcReadable::new(futures::stream::iter(chunks)).into()
            }
            Argument::Held(at) => self.value(at),
            Argument::HeldList(one, other) => {
                Value::Array(vec![self.value(one), self.value(other)])
            }
        }
    }

    fn value(&self, at: u8) -> Value {
        match self.held.get(usize::from(at)) {
            Some(Held::Stub(stub)) => stub.dup().into(),
            Some(Held::Promise(promise)) => promise.dup().into(),
            None => Value::Null,
        }
    }

    /// Does what is to be done without messages. True if there was something.
    fn go_on(&mut self) -> bool {
        let is_driven = self.host.drive();
        let before = self.awaiting.len();
        let mut cx = Context::from_waker(Waker::noop());
        let mut results = Vec::new();
        self.awaiting.retain_mut(|promise| match promise.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(result) => {
                results.push(result);
                false
            }
            std::task::Poll::Pending => true,
        });
        results.into_iter().flatten().for_each(|result| self.take(result));
        is_driven || self.awaiting.len() < before
    }

    /// Holds the stubs of a result; its streams are given up.
    fn take(&mut self, mut result: Outgoing) {
        for stub in result.take_caps() {
            if RpcReadable::<Value>::from_raw(stub.clone()).is_err() {
                self.hold(Held::Stub(RpcStub::from_raw(stub)));
            }
        }
    }

    /// Promises are lost, and stubs of what is not of this session break.
    fn sleep(&mut self) {
        self.awaiting.clear();
        let held = std::mem::take(&mut self.held).into_iter().filter_map(|held| match held {
            Held::Stub(stub) => Some(stub.into_raw()),
            Held::Promise(_) => None,
        });
        let held: Vec<RawStub> = held.collect();
        let held = self.host.sleep(&held.iter().collect::<Vec<_>>()).expect("it is open");
        self.held = held.into_iter().map(|stub| Held::Stub(RpcStub::from_raw(stub))).collect();
    }
}
