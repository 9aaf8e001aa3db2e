//! The values of promises that are targets: asked for when somebody wants them, and given back by a
//! task, or where the host calls back.

use std::future::ready;
use std::rc::{Rc, Weak};

use super::inner::{Deferred, PeerInner};
use super::pull::Pull;
use super::table::Entry;
use super::tasks::{Running, Task};
use super::{Outgoing, PromisedTarget};
use crate::RpcError;
use crate::proto::AnswerId;

/// Takes the value of a promise, once. If it is dropped before, the promise rejects.
///
/// It does not keep the session alive. What comes when that is gone is dropped.
pub struct Settle {
    peer: Weak<PeerInner>,
    answer: AnswerId,
    is_done: bool,
}

impl Settle {
    fn new(peer: &Rc<PeerInner>, answer: AnswerId) -> Self {
        peer.unsettled.update(|count| count + 1);
        Settle { peer: Rc::downgrade(peer), answer, is_done: false }
    }

    /// Gives the value that the function makes. When it returns, what follows from it was done and
    /// sent: a whole turn, unless one of the session runs already, which then goes on with it.
    pub fn settle(mut self, make: impl FnOnce() -> Result<Outgoing, RpcError>) {
        match self.end() {
            Some(peer) => {
                peer.settle_outside(self.answer, make);
                peer.wake_if_ended();
            }
            // What it has of others is given back.
            None => drop(make()),
        }
    }

    fn end(&mut self) -> Option<Rc<PeerInner>> {
        self.is_done = true;
        let peer = self.peer.upgrade()?;
        peer.unsettled.update(|count| count.saturating_sub(1));
        Some(peer)
    }
}

impl Drop for Settle {
    fn drop(&mut self) {
        if !self.is_done
            && let Some(peer) = self.end()
        {
            peer.defer(Deferred::GiveUp(self.answer));
        }
    }
}

impl PeerInner {
    /// Starts to resolve the promises whose values are wanted. False if there are none.
    pub(super) fn resolve_wanted(self: &Rc<Self>) -> bool {
        let mut wanted = std::mem::take(&mut self.state.borrow_mut().turn.wanted);
        let any = !wanted.is_empty();
        for (answer, target) in wanted.drain(..) {
            let promise = self.state.borrow().targets.get(target).cloned();
            let task: Task = match promise {
                Some(Entry::Promised(promise)) => match self.resolve_to(answer, promise) {
                    Some(promise) => Box::pin(async move { promise.resolve().await }),
                    None => continue,
                },
                Some(Entry::Forward(promise)) => Box::pin(Pull::new(promise.into_promise())),
                _ => Box::pin(ready(Err(RpcError::error("the promise is gone")))),
            };
            self.state.borrow_mut().started.push(Running::new(answer, target, task));
        }
        let state = &mut *self.state.borrow_mut();
        if state.turn.wanted.is_empty() {
            // Its memory.
            state.turn.wanted = wanted;
        }
        any
    }

    /// Asks a promise for its value, if that may come at any time. Gives it back if it takes a task.
    fn resolve_to(
        self: &Rc<Self>,
        answer: AnswerId,
        promise: Rc<dyn PromisedTarget>,
    ) -> Option<Rc<dyn PromisedTarget>> {
        if !self.needs_no_driver {
            return Some(promise);
        }
        let mut settle = Rc::clone(&promise).resolve_to(Settle::new(self, answer))?;
        settle.end();
        Some(promise)
    }

    /// The driver of a session that has ended waits for nothing but what runs.
    fn wake_if_ended(&self) {
        if self.unsettled.get() == 0 && self.is_closed() {
            let lingering = self.state.borrow_mut().targets.drain();
            drop(lingering);
            self.signal.wake_drivers();
        }
    }
}
