use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use topsail_core::proto::{Outbox, Stats};
use topsail_core::{Peer, RpcError, RpcSessionOptions, RpcTarget, Transport};

/// Peers joined in pairs by wires in memory, stepped message by message.
#[derive(Default)]
pub(crate) struct World {
    sides: RefCell<Vec<Rc<Side>>>,
}

/// One end of a session, its way out and its driver.
pub(crate) struct Side {
    pub(crate) peer: Peer,
    wire: Rc<Wire>,
    driver: RefCell<Driver>,
    ground: Stats,
    /// The index of the other end.
    other: Cell<usize>,
}

struct Driver {
    run: Option<Pin<Box<dyn Future<Output = ()>>>>,
    flag: Arc<Flag>,
}

/// Messages on their way, and all that were sent.
#[derive(Default)]
struct Wire {
    queue: RefCell<VecDeque<String>>,
    sent: RefCell<Vec<String>>,
    sends: Cell<usize>,
    closed: RefCell<Vec<RpcError>>,
}

struct Out(Rc<Wire>);

impl Transport for Out {
    fn send(&self, messages: &Outbox) {
        self.0.sends.set(self.0.sends.get() + 1);
        self.0.queue.borrow_mut().extend(messages.messages().map(str::to_owned));
        self.0.sent.borrow_mut().extend(messages.messages().map(str::to_owned));
    }

    fn close(&self, error: &RpcError) {
        self.0.closed.borrow_mut().push(error.clone());
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Side {
    fn new(main: Option<Rc<dyn RpcTarget>>, options: RpcSessionOptions, other: usize) -> Side {
        let wire = Rc::new(Wire::default());
        let peer = Peer::new(main, Out(Rc::clone(&wire)), options);
        let run: Pin<Box<dyn Future<Output = ()>>> = Box::pin(peer.run());
        let driver = Driver { run: Some(run), flag: Arc::new(Flag(AtomicBool::new(true))) };
        let ground = peer.stats();
        Side { peer, wire, driver: RefCell::new(driver), ground, other: Cell::new(other) }
    }

    /// All messages sent so far, and forgets them.
    pub(crate) fn take_sent(&self) -> Vec<String> {
        self.wire.sent.take()
    }

    /// How often the transport was used.
    pub(crate) fn sends(&self) -> usize {
        self.wire.sends.get()
    }

    /// What the transport was closed with.
    pub(crate) fn closed(&self) -> Vec<String> {
        self.wire.closed.borrow().iter().map(ToString::to_string).collect()
    }

    /// Loses what is on the wire.
    pub(crate) fn cut(&self) {
        self.wire.queue.borrow_mut().clear();
    }

    /// Whether the session still has its transport.
    pub(crate) fn has_transport(&self) -> bool {
        Rc::strong_count(&self.wire) > 1
    }

    pub(crate) fn is_running(&self) -> bool {
        self.driver.borrow().run.is_some()
    }

    /// Polls the driver if it was woken.
    fn drive(&self) -> bool {
        let mut driver = self.driver.borrow_mut();
        let Driver { run: Some(run), flag } = &mut *driver else { return false };
        if !flag.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(Arc::clone(flag));
        if run.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            driver.run = None;
        }
        true
    }
}

impl World {
    pub(crate) fn new() -> World {
        World::default()
    }

    /// A client without a main object, and a server with one.
    pub(crate) fn pair(main: impl RpcTarget) -> (World, Rc<Side>, Rc<Side>) {
        let world = World::new();
        let (client, server) = world.link(None, Some(Rc::new(main)));
        (world, client, server)
    }

    /// Two peers, joined.
    pub(crate) fn link(
        &self,
        a: Option<Rc<dyn RpcTarget>>,
        b: Option<Rc<dyn RpcTarget>>,
    ) -> (Rc<Side>, Rc<Side>) {
        self.link_with(a, b, RpcSessionOptions::default())
    }

    /// Two peers, joined; the second with options.
    pub(crate) fn link_with(
        &self,
        a: Option<Rc<dyn RpcTarget>>,
        b: Option<Rc<dyn RpcTarget>>,
        options: RpcSessionOptions,
    ) -> (Rc<Side>, Rc<Side>) {
        let index = self.sides.borrow().len();
        let a = Rc::new(Side::new(a, RpcSessionOptions::default(), index + 1));
        let b = Rc::new(Side::new(b, options, index));
        self.sides.borrow_mut().extend([Rc::clone(&a), Rc::clone(&b)]);
        (a, b)
    }

    /// Delivers one message or drives one peer; false if all is quiet.
    pub(crate) fn step(&self) -> bool {
        let sides = self.sides.borrow().clone();
        for side in &sides {
            if side.drive() {
                return true;
            }
            let message = side.wire.queue.borrow_mut().pop_front();
            if let Some(message) = message {
                sides[side.other.get()].peer.recv(&message);
                return true;
            }
        }
        false
    }

    /// Steps until all is quiet.
    pub(crate) fn settle(&self) {
        let mut steps = 0;
        while self.step() {
            steps += 1;
            assert!(steps < 100_000, "never quiet");
        }
    }

    /// Steps until a future is ready.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            if flag.0.swap(false, Ordering::SeqCst)
                && let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                return value;
            }
            assert!(self.step() || flag.0.load(Ordering::SeqCst), "nothing happens any more");
        }
    }

    /// Checks that no side holds more than at its start.
    pub(crate) fn finish(&self) {
        self.settle();
        for (index, side) in self.sides.borrow().iter().enumerate() {
            if side.peer.closed().is_none() {
                assert_eq!(side.peer.stats(), side.ground, "side {index}");
            }
        }
    }
}
