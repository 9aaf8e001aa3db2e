use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::handle::RpcSessionOptions;
use super::note::Saved;
use super::pull::PullSlot;
use super::signal::Signal;
use super::table::{Entry, NOBODY, Targets};
use super::tasks::{Running, Task, Tasks};
use super::watch::Callback;
use super::{Outgoing, RawStub, RpcTarget, Transport, local};
use crate::RpcError;
use crate::proto::{AnswerId, CapId, Path, PullId, Session, Turn, WatchId};
use crate::slab::Slab;

/// What a peer and all its stubs share.
///
/// The invariant of this module and its neighbours: while `state` is borrowed, no code of the
/// application or the host runs. Whatever might run some when it is dropped (targets, stubs,
/// wakers, callbacks) is moved out, or into [`Garbage`], and dropped after the borrow.
pub(super) struct PeerInner {
    pub(super) state: RefCell<State>,
    /// References given back, in order. Apart from the state, so that a stub can be dropped
    /// anywhere.
    pub(super) deferred: RefCell<Vec<Deferred>>,
    /// Messages received while a turn ran.
    pub(super) inbox: RefCell<VecDeque<String>>,
    pub(super) transport: RefCell<Option<Rc<dyn Transport>>>,
    pub(super) tasks: RefCell<Tasks>,
    /// A turn runs, or tasks are polled.
    pub(super) busy: Cell<bool>,
    /// Somebody waits until the session is drained.
    pub(super) has_drainers: Cell<bool>,
    pub(super) signal: Arc<Signal>,
    pub(super) on_send_error: Option<Rc<dyn Fn(RpcError) -> RpcError>>,
    pub(super) host_setting: u32,
    /// The call whose method is running.
    pub(super) answering: Cell<Option<AnswerId>>,
    pub(super) saved: RefCell<Saved>,
    /// For how many durable targets the notes have paid since all were asked. `None` as long as
    /// nobody asks them.
    pub(super) paid: Cell<Option<u32>>,
    /// The thread's private session, which has no other side.
    pub(super) is_local: bool,
    /// [`Transport::needs_no_driver`]
    pub(super) needs_no_driver: bool,
    /// How many promises have yet to be settled by whoever was given a [`Settle`](super::Settle).
    pub(super) unsettled: Cell<usize>,
}

/// The plain data of a peer.
pub(super) struct State {
    pub(super) session: Session,
    pub(super) turn: Turn,
    pub(super) targets: Targets,
    pub(super) pulls: Slab<PullSlot>,
    pub(super) watches: Slab<Callback>,
    /// Tasks to be started.
    pub(super) started: Vec<Running>,
    pub(super) garbage: Garbage,
}

/// What is done with a reference, pull or watch that nobody holds any more.
pub(super) enum Deferred {
    Release(CapId),
    Forget(PullId),
    GiveUp(AnswerId),
    Unwatch(WatchId),
}

/// What waits to be dropped outside of any borrow.
#[derive(Default)]
pub(super) struct Garbage {
    pub(super) entries: Vec<Entry>,
    pub(super) stubs: Vec<RawStub>,
    pub(super) pulls: Vec<PullSlot>,
    pub(super) callbacks: Vec<Callback>,
}

impl PeerInner {
    #[inline(never)]
    pub(super) fn new(
        main: Option<Rc<dyn RpcTarget>>,
        transport: Option<Rc<dyn Transport>>,
        options: RpcSessionOptions,
    ) -> Rc<PeerInner> {
        let mut targets = Targets::for_main();
        let main = main.map(|main| targets.intern(main));
        let session = Session::new(main, options.limits.clone());
        PeerInner::around(session, Turn::default(), targets, transport, options)
    }

    /// A peer around a session.
    pub(super) fn around(
        session: Session,
        turn: Turn,
        targets: Targets,
        transport: Option<Rc<dyn Transport>>,
        options: RpcSessionOptions,
    ) -> Rc<PeerInner> {
        let is_local = transport.is_none();
        let needs_no_driver =
            transport.as_ref().is_some_and(|transport| transport.needs_no_driver());
        let state = State {
            session,
            turn,
            targets,
            pulls: Slab::default(),
            watches: Slab::default(),
            started: Vec::new(),
            garbage: Garbage::default(),
        };
        Rc::new(PeerInner {
            state: RefCell::new(state),
            deferred: RefCell::default(),
            inbox: RefCell::default(),
            transport: RefCell::new(transport),
            tasks: RefCell::default(),
            busy: Cell::new(false),
            has_drainers: Cell::new(false),
            signal: Arc::default(),
            on_send_error: options.on_send_error,
            host_setting: options.host_setting,
            answering: Cell::new(None),
            saved: RefCell::default(),
            paid: Cell::new(None),
            is_local,
            needs_no_driver,
            unsettled: Cell::new(0),
        })
    }

    pub(super) fn remote_main(self: &Rc<Self>) -> RawStub {
        let cap = self.state.borrow_mut().session.remote_main();
        RawStub::stub(self, cap)
    }

    /// Calls something of the session. The call is sent, or delivered, in the next turn.
    pub(super) fn call(self: &Rc<Self>, on: CapId, path: &Path, arguments: Outgoing) -> RawStub {
        let arguments = arguments.map(RawStub::shorten);
        let cap = self.with(|state| {
            let arguments = state.import(self, arguments);
            state.session.call(on, path, arguments, &mut state.turn)
        });
        RawStub::promise(self, cap)
    }

    /// The promise of a property.
    pub(super) fn get(self: &Rc<Self>, on: CapId, path: &Path) -> RawStub {
        let cap = self.with(|state| state.session.get(on, path, &mut state.turn));
        RawStub::promise(self, cap)
    }

    /// Maps a value of the session with recorded instructions.
    pub(super) fn map(
        self: &Rc<Self>,
        on: CapId,
        captures: Vec<RawStub>,
        instructions: String,
    ) -> RawStub {
        let captures: Vec<_> = captures.into_iter().map(RawStub::shorten).collect();
        let cap = self.with(|state| {
            let captures = captures.into_iter().map(|stub| state.import_cap(self, stub).id());
            let captures = captures.collect();
            let State { session, turn, .. } = state;
            session.map(on, &Path::new(), captures, instructions, turn)
        });
        RawStub::promise(self, cap)
    }

    /// The capability of a target of this process.
    pub(super) fn adopt(&self, target: Rc<dyn RpcTarget>) -> CapId {
        self.state.borrow_mut().adopt(target)
    }

    /// A promise that is already a value.
    pub(super) fn resolved(self: &Rc<Self>, value: Outgoing) -> RawStub {
        let value = value.map(RawStub::shorten);
        let cap = self.with(|state| {
            let value = state.import(self, value);
            state.session.resolved(value)
        });
        RawStub::promise(self, cap)
    }

    /// A promise that a task resolves.
    pub(super) fn promise(self: &Rc<Self>, task: Task) -> RawStub {
        let cap = self.with(|state| {
            let (cap, answer) = state.session.promise();
            state.started.push(Running::new(answer, NOBODY, task));
            cap
        });
        RawStub::promise(self, cap)
    }

    pub(super) fn retain(&self, cap: CapId) {
        self.state.borrow_mut().session.retain(cap);
    }

    pub(super) fn release_later(&self, cap: CapId) {
        self.defer(Deferred::Release(cap));
    }

    pub(super) fn defer(&self, deferred: Deferred) {
        self.deferred.borrow_mut().push(deferred);
        self.notify();
    }

    /// What a capability of the session stands for, if it is something of this side: a target, or
    /// a stub of another session.
    pub(super) fn own(&self, cap: CapId) -> Option<RawStub> {
        self.state.borrow().own(cap)
    }

    /// Gives the session an input and has the rest of the turn done soon.
    pub(super) fn with<R>(&self, run: impl FnOnce(&mut State) -> R) -> R {
        let result = run(&mut self.state.borrow_mut());
        self.notify();
        result
    }

    /// Something is to be done. Within a turn it is done anyway.
    pub(super) fn notify(&self) {
        if self.busy.get() {
            return;
        }
        if self.is_local {
            local::ensure_driver();
        }
        self.signal.wake();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.borrow().session.closed().is_some()
    }

    /// Whether the other side waits for no result.
    pub(super) fn is_drained(&self) -> bool {
        self.state.borrow().session.is_drained()
    }

    /// Whether nothing runs, and nobody waits to be told of anything.
    pub(super) fn is_done(&self) -> bool {
        let state = self.state.borrow();
        state.session.is_done() && state.watches.len() == 0
    }

    pub(super) fn is_unused(&self) -> bool {
        let state = self.state.borrow();
        let is_dead = |target| match state.targets.get(target) {
            Some(Entry::Forward(stub)) => stub.is_dead(),
            _ => false,
        };
        state.started.is_empty() && state.session.is_unused(&is_dead)
    }

    pub(super) fn wake_drainers(&self) {
        if self.has_drainers.get() && self.is_drained() {
            self.has_drainers.set(false);
            self.signal.wake_drivers();
        }
    }

    /// The error to be sent for one.
    pub(super) fn rewrite(&self, error: RpcError) -> RpcError {
        match &self.on_send_error {
            Some(rewrite) => rewrite(error),
            None => error,
        }
    }
}
