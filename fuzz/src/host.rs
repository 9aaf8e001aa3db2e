//! A peer with a way out, driven by hand.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use topsail_core::proto::ThawError;
use topsail_core::{
    Answer, Arguments, Limits, Outbox, Peer, Property, RawStub, RpcError, RpcSessionOptions,
    RpcStub, RpcTarget, Transport,
};

use crate::gate::Gate;
use crate::objects::{Main, revive_node};

/// Messages on their way. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Wire(Rc<RefCell<VecDeque<String>>>);

impl Wire {
    pub(crate) fn next(&self) -> Option<String> {
        self.0.borrow_mut().pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl Transport for Wire {
    fn send(&self, messages: &Outbox) {
        self.0.borrow_mut().extend(messages.messages().map(str::to_owned));
    }
}

pub(crate) struct Host {
    pub(crate) peer: Peer,
    pub(crate) sent: Wire,
    pub(crate) gate: Rc<Gate>,
    limits: Limits,
    run: Option<Pin<Box<dyn Future<Output = ()>>>>,
    flag: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Host {
    /// A session with a new [`Main`].
    pub(crate) fn new(limits: Limits) -> Self {
        let (gate, sent) = (Rc::<Gate>::default(), Wire::default());
        let options = RpcSessionOptions::new().limits(limits.clone());
        let peer = Peer::new(Some(Main::new(&gate)), sent.clone(), options);
        Host::around(peer, sent, gate, limits)
    }

    /// A session from bytes, and the stubs that it held.
    pub(crate) fn thaw(bytes: &[u8], limits: Limits) -> Result<(Self, Vec<RawStub>), ThawError> {
        let (gate, sent) = (Rc::<Gate>::default(), Wire::default());
        let options = RpcSessionOptions::new().limits(limits.clone());
        let main = Main::new(&gate);
        let (peer, held) = Peer::thaw(bytes, main, sent.clone(), options, &mut revive_node)?;
        Ok((Host::around(peer, sent, gate, limits), held))
    }

    fn around(peer: Peer, sent: Wire, gate: Rc<Gate>, limits: Limits) -> Self {
        let run: Pin<Box<dyn Future<Output = ()>>> = Box::pin(peer.run());
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        Host { peer, sent, gate, limits, run: Some(run), flag }
    }

    /// The session as bytes; none if it has ended. What is no stub of this session is lost.
    pub(crate) fn freeze(&self, held: &[&RawStub]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.peer.freeze(held, &RpcError::error("lost"), &mut bytes).ok().map(|_| bytes)
    }

    /// Loses the memory, but for what is in the bytes and on the wire; gives what was held. None
    /// if the session has ended.
    pub(crate) fn sleep(&mut self, held: &[&RawStub]) -> Option<Vec<RawStub>> {
        let (bytes, count) = (self.freeze(held)?, held.len());
        self.peer.abandon();
        let (mut host, mut held) = Host::thaw(&bytes, self.limits.clone()).expect("it thaws");
        // What follows is held by the targets only.
        held.truncate(count);
        std::mem::swap(&mut *host.sent.0.borrow_mut(), &mut *self.sent.0.borrow_mut());
        std::mem::swap(self, &mut host);
        // Afterwards: what it was made of may do something when it is dropped.
        drop(host);
        self.peer.flush();
        Some(held)
    }

    /// Polls the session's driver if it was woken.
    pub(crate) fn drive(&mut self) -> bool {
        let Some(run) = self.run.as_mut().filter(|_| self.flag.0.swap(false, Ordering::Relaxed))
        else {
            return false;
        };
        let waker = Waker::from(Arc::clone(&self.flag));
        if run.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            self.run = None;
        }
        true
    }
}

/// Has the thread's own session do all that it has to.
pub(crate) fn settle_local() {
    let probe = RpcStub::new(Nobody);
    let result = futures::executor::block_on(probe.call::<()>("nothing", ()));
    assert!(result.is_err());
}

struct Nobody;

impl RpcTarget for Nobody {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}
