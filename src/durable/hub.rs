mod events;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use topsail_core::ordered::Ordered;
use topsail_core::{Peer, RawStub, RpcError, RpcSessionOptions};
use wasm_bindgen::JsValue;
use web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;
use worker::{Env, WebSocketPair, console_error};

use events::drive;

use super::RpcDurableOptions;
use super::application::Application;
use super::envelope;
use super::later::Later;
use super::live::{Live, Outgoing, Parts, Subscription, Subscriptions};
use super::ready::Ready;
use super::session::{RpcSession, SessionKey};
use super::storage::{Hold, Place, Sockets, sweep};
use crate::instance;
use crate::socket::SocketTransport;

/// The sessions of a Durable Object: those in memory, and those on sockets that have been silent
/// since the object woke.
pub(super) struct Hub {
    pub(super) state: DurableObjectState,
    pub(super) env: Env,
    id: String,
    /// None before the application's object is made, and after the end.
    application: RefCell<Option<Rc<dyn Application>>>,
    options: OnceCell<RpcDurableOptions>,
    sessions: RefCell<Ordered<Rc<Live>>>,
    sockets: Sockets,
    ready: Arc<Ready>,
    /// All sockets' sessions are in memory.
    are_all_awake: Cell<bool>,
    /// How many sessions keep the object awake.
    pinned: Cell<usize>,
    /// Saves the sessions that are left unsaved.
    save_later: Later,
    /// The event that is being dealt with can keep the object awake.
    can_hold: Cell<bool>,
    /// The event, or the timer, that keeps the object awake.
    hold: RefCell<Option<Hold>>,
}

thread_local! {
    /// The living objects.
    static HUBS: RefCell<Vec<Weak<Hub>>> = const { RefCell::new(Vec::new()) };
}

/// The object that has an id in this instance.
fn living(id: &str) -> Option<Rc<Hub>> {
    HUBS.with_borrow(|hubs| hubs.iter().filter_map(Weak::upgrade).find(|hub| hub.id == id))
}

/// A panic has ended the instance: what can still be done for the sessions of its objects.
fn last_words() {
    let error = RpcError::error("The call failed: the server panicked.");
    for hub in HUBS.take().iter().filter_map(Weak::upgrade) {
        let hold = hub.hold.take();
        hub.save_later.cancel();
        hub.last_words(&error, hold.as_ref());
        hold.iter().for_each(Hold::release);
    }
}

impl Hub {
    /// The object has started. What it was before it slept is dropped now, if it was not yet.
    pub(super) fn new(state: DurableObjectState, env: Env) -> worker::Result<Rc<Hub>> {
        instance::start();
        instance::on_loss(last_words);
        let id = state.id()?.to_string()?;
        if let Some(before) = living(&id) {
            before.end();
        }
        let hub = Rc::new_cyclic(|hub: &Weak<Hub>| Hub {
            state,
            env,
            id,
            application: RefCell::default(),
            options: OnceCell::new(),
            sessions: RefCell::default(),
            sockets: Sockets::new(),
            ready: Arc::default(),
            are_all_awake: Cell::new(false),
            pinned: Cell::new(0),
            save_later: Later::new({
                let hub = hub.clone();
                move || hub.upgrade().iter().for_each(|hub| hub.save_unsaved())
            }),
            can_hold: Cell::new(false),
            hold: RefCell::default(),
        });
        HUBS.with_borrow_mut(|hubs| {
            // Of an object whose constructor panicked nobody has told the end.
            hubs.retain(|hub| hub.strong_count() > 0);
            hubs.push(Rc::downgrade(&hub));
        });
        Ok(hub)
    }

    /// Takes the application's object in, and begins to drive sessions.
    pub(super) fn begin(self: &Rc<Self>, application: Rc<dyn Application>) {
        let _ = self.options.set(application.options());
        self.application.replace(Some(application));
        // Those that are closing too: their sessions have yet to be told.
        let sockets = self.state.get_websockets().unwrap_or_default();
        let keys = sockets.iter().filter_map(|socket| self.key(socket)).map(place_name);
        sweep(&self.state, keys.collect());
        instance::spawn(drive(Rc::downgrade(self)));
    }

    /// The object is gone: drops what it was made of.
    pub(super) fn end(&self) {
        let sessions = self.sessions.take();
        sessions.iter().for_each(|(_, live)| live.peer().abandon());
        let application = self.application.take();
        drop((sessions, application));
        self.ready.wake_driver();
        HUBS.with_borrow_mut(|hubs| hubs.retain(|hub| !std::ptr::eq(hub.as_ptr(), self)));
    }

    pub(super) fn application(&self) -> Option<Rc<dyn Application>> {
        self.application.borrow().clone()
    }

    pub(super) fn options(&self) -> RpcDurableOptions {
        self.options.get().cloned().unwrap_or_default()
    }

    /// A session that is in memory.
    pub(super) fn live(&self, key: SessionKey) -> Option<Rc<Live>> {
        self.sessions.borrow().get(number(key)).cloned()
    }

    /// All sessions, those that slept until now included.
    pub(super) fn all(self: &Rc<Self>) -> Vec<Rc<Live>> {
        if !self.are_all_awake.replace(true) {
            for socket in self.open_sockets() {
                self.session(&socket);
            }
        }
        self.in_memory(|_| true)
    }

    fn in_memory(&self, is_wanted: impl Fn(&Live) -> bool) -> Vec<Rc<Live>> {
        let sessions = self.sessions.borrow();
        let wanted = sessions.iter().filter(|(_, live)| is_wanted(live));
        wanted.map(|(_, live)| Rc::clone(live)).collect()
    }

    /// The session by its key, woken if it sleeps.
    pub(super) fn find(self: &Rc<Self>, key: SessionKey) -> Option<Rc<Live>> {
        self.live(key).or_else(|| {
            let sockets = self.state.get_websockets_with_tag(&tag(key)).ok()?;
            self.session(sockets.first()?)
        })
    }

    /// The session that a client's object belongs to.
    pub(super) fn session_of(&self, stub: &RawStub) -> Option<Rc<Live>> {
        self.in_memory(|live| live.peer().is_of(stub)).pop()
    }

    /// The client of a session has gone, which is told once.
    pub(super) fn leave(self: &Rc<Self>, live: &Live) {
        if live.has_left() {
            return;
        }
        let subscriptions = live.subscriptions.take();
        drop(subscriptions);
        if let Some(application) = self.application() {
            application.session_closed(RpcSession::on_socket(self, live.key()));
        }
    }

    /// Accepts a new socket as one of a session; gives the client's end.
    pub(super) fn accept(self: &Rc<Self>, tags: &[&str]) -> worker::Result<worker::WebSocket> {
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        let socket = server.as_ref();
        let key = new_key();
        let own = tag(key);
        let tags = std::iter::once(own.as_str()).chain(tags.iter().copied());
        let tags = tags.map(JsValue::from_str).collect();
        self.state.accept_websocket_with_tags(socket, tags)?;
        if let Some(application) = self.application() {
            let main = application.main(RpcSession::on_socket(self, key));
            let outgoing = Outgoing::default();
            let peer = Peer::new(Some(main), outgoing.clone(), self.session_options());
            let place = Place::new(&self.state, socket, &place_name(key));
            let subscriptions = Subscriptions::default();
            let (socket, waker) = (socket.clone(), self.ready.waker(key));
            let parts = Parts { key, socket, peer, outgoing, place, subscriptions, waker };
            self.enter(Live::new(parts));
        }
        Ok(client)
    }

    /// The session of a socket, woken if it sleeps. `None` if it cannot be, or has ended.
    pub(super) fn session(self: &Rc<Self>, socket: &WebSocket) -> Option<Rc<Live>> {
        if let Some(key) = self.sockets.get(socket) {
            return self.live(key as SessionKey);
        }
        let key = self.key(socket)?;
        // Before targets are revived and saved: what the application does then may come back here.
        self.sockets.set(socket, key as f64);
        match self.thaw(socket, key) {
            Ok(live) => live.map(|live| self.enter(live)),
            Err(error) => {
                console_error!("Topsail: a session could not be restored: {}", error.message());
                let transport = SocketTransport::open(socket);
                let error = RpcError::error("The session could not be restored.");
                topsail_core::Transport::close(&transport, &error);
                None
            }
        }
    }

    fn thaw(
        self: &Rc<Self>,
        socket: &WebSocket,
        key: SessionKey,
    ) -> Result<Option<Live>, RpcError> {
        let application = self.application().ok_or_else(|| RpcError::error("no object"))?;
        let place = Place::new(&self.state, socket, &place_name(key));
        let bytes = place.load().map_err(|error| RpcError::from(worker::Error::from(error)))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let (envelope, rest) =
            envelope::read(&bytes).ok_or_else(|| RpcError::error("nothing was saved"))?;
        let main = application.main(RpcSession::on_socket(self, key));
        let outgoing = Outgoing::default();
        let revive = &mut |kind: &str, state| application.revive(kind, state);
        let options = self.session_options();
        let (peer, held) = Peer::thaw(rest, main, outgoing.clone(), options, revive)?;
        let all = envelope.subscriptions.into_iter().zip(held).map(|(header, stub)| Subscription {
            number: header.number,
            group: header.group,
            delivered: Cell::new(header.delivered),
            stub,
        });
        let subscriptions = Subscriptions { next: envelope.next, all: all.collect() };
        let (socket, waker) = (socket.clone(), self.ready.waker(key));
        Ok(Some(Live::new(Parts { key, socket, peer, outgoing, place, subscriptions, waker })))
    }

    fn enter(self: &Rc<Self>, live: Live) -> Rc<Live> {
        let live = Rc::new(live);
        self.sockets.set(live.socket(), live.key() as f64);
        let before = {
            let mut sessions = self.sessions.borrow_mut();
            let before = sessions.remove(number(live.key()));
            sessions.insert(number(live.key()), Rc::clone(&live));
            before
        };
        drop(before);
        // What thawing has led to is sent with the rest.
        live.wake();
        live
    }

    fn session_options(&self) -> RpcSessionOptions {
        self.options().response.session
    }

    fn open_sockets(&self) -> Vec<WebSocket> {
        let sockets = self.state.get_websockets().unwrap_or_default();
        sockets.into_iter().filter(|socket| socket.ready_state() == WebSocket::OPEN).collect()
    }

    /// By the tag of a socket.
    fn key(&self, socket: &WebSocket) -> Option<SessionKey> {
        self.state.get_tags(socket).ok()?.iter().find_map(|tag| key_of(tag))
    }
}

/// The place of a session among the others.
fn number(key: SessionKey) -> i64 {
    key.cast_signed()
}

/// By which a session is saved in the storage.
fn place_name(key: SessionKey) -> String {
    format!("{key:x}")
}

const TAG: &str = "topsail:";

fn tag(key: SessionKey) -> String {
    format!("{TAG}{key:x}")
}

fn key_of(tag: &str) -> Option<SessionKey> {
    SessionKey::from_str_radix(tag.strip_prefix(TAG)?, 16).ok()
}

fn new_key() -> SessionKey {
    instance::random()
}
