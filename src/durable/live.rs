use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use futures::future::LocalBoxFuture;
use topsail_core::proto::Pinned;
use topsail_core::{Loss, Outbox, Peer, RawStub, RpcError, Transport};
use web_sys::WebSocket;

use super::envelope;
use super::options::Unnamed;
use super::session::SessionKey;
use super::storage::{Hold, Place};
use crate::socket::SocketTransport;

/// A session of more bytes is saved once for all messages that have arrived: the cost of saving
/// grows with the session, and that of many calls in flight would with their square. A small one
/// is saved at once, which takes no timer.
const LARGE_BYTES: usize = 256;

/// A session that is in memory.
pub(super) struct Live {
    key: SessionKey,
    socket: WebSocket,
    transport: SocketTransport,
    peer: Peer,
    outgoing: Outgoing,
    place: Place,
    pub(super) subscriptions: RefCell<Subscriptions>,
    run: RefCell<Option<LocalBoxFuture<'static, ()>>>,
    waker: Waker,
    has_left: Cell<bool>,
    /// How many bytes were saved last.
    saved_bytes: Cell<usize>,
    is_unsaved: Cell<bool>,
    /// What keeps the object awake, as of the last time it was saved.
    pins: RefCell<Vec<String>>,
    /// Why it could not be put where it is saved, then.
    failure: RefCell<Option<String>>,
}

/// What a client's objects are subscribed to.
#[derive(Default)]
pub(super) struct Subscriptions {
    /// The number of the next one.
    pub(super) next: u32,
    pub(super) all: Vec<Subscription>,
}

/// An object of the client's that durable state holds.
pub(super) struct Subscription {
    pub(super) number: u32,
    pub(super) group: Box<str>,
    pub(super) delivered: Cell<u64>,
    pub(super) stub: RawStub,
}

/// What is sent once the session is saved, so that the client is never ahead of what the object
/// remembers.
#[derive(Clone, Default)]
pub(super) struct Outgoing(Rc<Waiting>);

#[derive(Default)]
struct Waiting {
    messages: RefCell<Outbox>,
    closed: RefCell<Option<RpcError>>,
}

impl Transport for Outgoing {
    fn send(&self, messages: &Outbox) {
        self.0.messages.borrow_mut().append(messages);
    }

    fn close(&self, error: &RpcError) {
        self.0.closed.replace(Some(error.clone()));
    }
}

/// What a [`Live`] is made of.
pub(super) struct Parts {
    pub(super) key: SessionKey,
    pub(super) socket: WebSocket,
    pub(super) peer: Peer,
    pub(super) outgoing: Outgoing,
    pub(super) place: Place,
    pub(super) subscriptions: Subscriptions,
    pub(super) waker: Waker,
}

impl Live {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { key, socket, peer, outgoing, place, subscriptions, waker } = parts;
        let run: LocalBoxFuture<'static, ()> = Box::pin(peer.run());
        Live {
            key,
            transport: SocketTransport::open(&socket),
            socket,
            peer,
            outgoing,
            place,
            subscriptions: RefCell::new(subscriptions),
            run: RefCell::new(Some(run)),
            waker,
            has_left: Cell::new(false),
            saved_bytes: Cell::new(0),
            is_unsaved: Cell::new(false),
            pins: RefCell::default(),
            failure: RefCell::default(),
        }
    }

    pub(super) fn key(&self) -> SessionKey {
        self.key
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(super) fn is_pinned(&self) -> bool {
        !self.pins.borrow().is_empty()
    }

    /// Whether the session is too large to be saved for every message.
    pub(super) fn is_large(&self) -> bool {
        self.saved_bytes.get() > LARGE_BYTES && self.peer.closed().is_none()
    }

    pub(super) fn is_unsaved(&self) -> bool {
        self.is_unsaved.get()
    }

    /// Leaves the saving for later, but for what only the application knows and
    /// [`last_words`](Self::last_words) cannot ask for.
    pub(super) fn leave_unsaved(&self) {
        self.peer.note_touched_targets();
        self.is_unsaved.set(true);
    }

    /// Whether the application was told before that the client has gone: now it is.
    pub(super) fn has_left(&self) -> bool {
        self.has_left.replace(true)
    }

    pub(super) fn socket(&self) -> &WebSocket {
        &self.socket
    }

    /// Has the session advanced soon.
    pub(super) fn wake(&self) {
        self.waker.wake_by_ref();
    }

    /// Runs what methods and stubs have to do, and sees to it that more of that wakes the session.
    pub(super) fn advance(&self) {
        // Taken out: it may come back here.
        let Some(mut run) = self.run.take() else { return };
        if Pin::new(&mut run).poll(&mut Context::from_waker(&self.waker)).is_pending() {
            self.run.replace(Some(run));
        }
    }

    /// What keeps the object awake now.
    pub(super) fn pins(&self) -> Vec<String> {
        self.peer.note_targets();
        match self.freeze(&mut Vec::new()) {
            Ok(losses) => {
                let failure = self.failure.borrow().clone();
                losses.into_iter().map(|loss| loss.reason).chain(failure).collect()
            }
            Err(pinned) => vec![pinned.to_string()],
        }
    }

    /// What keeps the object awake, as of the last time the session was saved.
    pub(super) fn pinned_by(&self) -> String {
        self.pins.borrow().join("; ")
    }

    /// Saves the session.
    pub(super) fn save(&self, unnamed: Unnamed) {
        self.is_unsaved.set(false);
        let mut bytes = Vec::with_capacity(self.saved_bytes.get());
        self.peer.note_targets();
        let losses = match self.freeze(&mut bytes) {
            Ok(losses) => losses,
            Err(_) if self.peer.closed().is_some() => {
                self.place.end();
                self.pins.take();
                return;
            }
            // It is too large for its own limits. What was saved before is outdated.
            Err(pinned) => {
                self.pins.replace(vec![pinned.to_string()]);
                return;
            }
        };
        self.saved_bytes.set(bytes.len());
        let counts = |loss: &Loss| loss.is_running || unnamed == Unnamed::Pin;
        let mut pins: Vec<_> = losses.into_iter().filter(counts).map(|loss| loss.reason).collect();
        let failure = self.place.save(&bytes).err().map(|error| {
            let why = RpcError::from(worker::Error::from(error));
            format!("the session cannot be saved: {}", why.message())
        });
        pins.extend(failure.clone());
        self.failure.replace(failure);
        self.pins.replace(pins);
    }

    /// Sends what has been waiting for the session to be saved. False if the session has ended.
    pub(super) fn send(&self) -> bool {
        let messages = self.outgoing.0.messages.take();
        if !messages.is_empty() {
            self.transport.send(&messages);
        }
        let closed = self.outgoing.0.closed.take();
        if let Some(error) = &closed {
            self.transport.close(error);
        }
        closed.is_none()
    }

    /// Before the memory is lost in the middle of something: rejects the calls that run, and saves
    /// the session as far as that is possible without the application. At once, or where another
    /// object's event is being dealt with when `hold` is released.
    pub(super) fn last_words(&self, error: &RpcError, hold: Option<&Hold>) {
        let Some(last) = self.peer.fail_running(error) else { return };
        let mut bytes = Vec::new();
        let frozen = self.freeze(&mut bytes).ok().map(|_| bytes);
        self.outgoing.0.messages.borrow_mut().append(&last);
        match hold {
            Some(hold) => {
                let messages = self.outgoing.0.messages.take();
                self.place.save_last(hold, &messages, frozen.as_deref());
            }
            None => {
                // Without it the next message finds the session as it was, and ends it.
                let _ = frozen.map(|bytes| self.place.save(&bytes));
                self.send();
            }
        }
    }

    /// Runs no code of the application: that could change the subscriptions. Its targets are saved as
    /// they were noted last.
    fn freeze(&self, out: &mut Vec<u8>) -> Result<Vec<Loss>, Pinned> {
        let subscriptions = self.subscriptions.borrow();
        let all = &subscriptions.all;
        envelope::write(subscriptions.next, all.iter(), out);
        let held: Vec<_> = all.iter().map(|subscription| &subscription.stub).collect();
        self.peer.freeze_as_before(&held, &lost(), out)
    }
}

/// What everything rejects with that was in memory only.
fn lost() -> RpcError {
    RpcError::error(
        "The server no longer has this: it was in the memory of an object that has slept or failed since.",
    )
}
