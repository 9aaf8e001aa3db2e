use std::rc::Rc;

use super::inner::PeerInner;
use crate::RpcError;
use crate::proto::{CapId, WatchId};

/// What `on_broken` was given.
pub(super) type Callback = Box<dyn FnOnce(RpcError)>;

impl PeerInner {
    /// Calls back once, when the capability breaks or the session ends.
    pub(super) fn watch(self: &Rc<Self>, on: CapId, callback: Callback) {
        self.with(|state| {
            let watch = WatchId(state.watches.insert(callback));
            state.session.watch(on, watch, &mut state.turn);
        });
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
