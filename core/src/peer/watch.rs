use std::rc::Rc;

use super::inner::{Deferred, PeerInner, State};
use super::table::Entry;
use crate::RpcError;
use crate::proto::{CapId, WatchId};

/// What `on_broken` was given.
pub(super) type Callback = Box<dyn FnOnce(RpcError)>;

/// A callback that is dropped with this: what is watched may end without being broken, and nobody
/// would be told.
pub(super) struct Watching {
    peer: Rc<PeerInner>,
    watch: WatchId,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.peer.defer(Deferred::Unwatch(self.watch));
    }
}

impl PeerInner {
    /// Calls back once, when the capability breaks or the session ends.
    pub(super) fn watch(self: &Rc<Self>, on: CapId, callback: Callback) -> WatchId {
        self.with(|state| {
            let watch = WatchId(state.watches.insert(callback));
            state.session.watch(on, watch, &mut state.turn);
            watch
        })
    }

    /// As [`watch`](Self::watch), for as long as somebody wants to know.
    pub(super) fn watch_while(self: &Rc<Self>, on: CapId, callback: Callback) -> Watching {
        Watching { peer: Rc::clone(self), watch: self.watch(on, callback) }
    }

    /// Gives callbacks to the targets that they turned out to watch. False if there are none.
    pub(super) fn hand_watches(&self) -> bool {
        let watched = {
            let State { turn, watches, targets, .. } = &mut *self.state.borrow_mut();
            let watched = std::mem::take(&mut turn.watched).into_iter();
            let find = |(watch, target): (WatchId, _)| {
                (watches.remove(watch.0), targets.get(target).cloned())
            };
            watched.map(find).collect::<Vec<_>>()
        };
        let any = !watched.is_empty();
        for (callback, entry) in watched {
            let Some(callback) = callback else { continue };
            match entry {
                Some(Entry::Target(target)) => target.on_broken(callback),
                Some(Entry::Promised(target)) => target.on_broken(callback),
                Some(Entry::Forward(stub)) => stub.on_broken(callback),
                None => {}
            }
        }
        any
    }

    /// Runs the callbacks of what broke, in order. False if nothing did.
    pub(super) fn report_broken(&self) -> bool {
        let broken = {
            let state = &mut *self.state.borrow_mut();
            std::mem::take(&mut state.turn.broken)
        };
        for (watch, error) in &broken {
            let callback = self.state.borrow_mut().watches.remove(watch.0);
            if let Some(callback) = callback {
                callback(error.clone());
            }
        }
        !broken.is_empty()
    }
}
