//! The thread's private session: calls on targets of this process go through it, so that they
//! behave as calls of another process do. It has no other side and does not end.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::future::LocalBoxFuture;

use super::RpcTarget;
use super::handle::RpcSessionOptions;
use super::inner::PeerInner;
use super::raw_stub::Reference;
use super::tasks::Driver;
use crate::proto::PullId;

/// Runs a future on the thread, as `wasm_bindgen_futures::spawn_local` does.
type Spawner = fn(LocalBoxFuture<'static, ()>);

thread_local! {
    static LOCAL: Rc<PeerInner> = new();
    static SPAWNER: Cell<Option<Spawner>> = const { Cell::new(None) };
    static IS_DRIVEN: Cell<bool> = const { Cell::new(false) };
}

/// Tells how to spawn a future on this thread.
///
/// Calls on local stubs ([`RpcStub::new`](super::RpcStub::new) before the stub is sent anywhere)
/// then make progress on their own. Without a spawner they do while one of their promises is
/// awaited.
pub fn set_spawner(spawner: fn(LocalBoxFuture<'static, ()>)) {
    SPAWNER.set(Some(spawner));
}

/// The local session. While the thread ends there is a new one for each use.
pub(super) fn peer() -> Rc<PeerInner> {
    LOCAL.try_with(Rc::clone).unwrap_or_else(|_| new())
}

fn new() -> Rc<PeerInner> {
    PeerInner::new(None, None, RpcSessionOptions::default())
}

/// A target of this process as a capability of the local session.
pub(super) fn reference(target: &Rc<dyn RpcTarget>) -> Reference {
    let peer = peer();
    let cap = peer.adopt(Rc::clone(target));
    Reference::new(&peer, cap)
}

/// Has the local session driven until it is idle.
pub(super) fn ensure_driver() {
    let Some(spawn) = SPAWNER.get() else { return };
    if IS_DRIVEN.replace(true) {
        return;
    }
    let driver = Driver::new(peer());
    spawn(Box::pin(poll_fn(move |cx| {
        let is_idle = driver.drive(cx);
        IS_DRIVEN.set(!is_idle);
        if is_idle { Poll::Ready(()) } else { Poll::Pending }
    })));
}

impl PeerInner {
    /// Drives the local session on behalf of someone who awaits a promise of it.
    pub(super) fn drive_for(self: &Rc<Self>, pull: PullId, cx: &Context<'_>) {
        if SPAWNER.get().is_some() {
            // The spawned driver is woken for the rest.
            self.advance();
        } else {
            self.drive(pull.0, cx);
        }
    }

    /// Nobody awaits a promise any more.
    pub(super) fn stop_for(&self, pull: PullId) {
        if self.is_local {
            self.signal.forget(pull.0);
        }
    }
}
