use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::inner::{Deferred, PeerInner, State};
use super::raw_stub::Kind;
use super::tasks::Task;
use super::{Outgoing, RawStub, blob, map};
use crate::proto::{CapId, PullId, Session, Turn};
use crate::{Payload, RpcError};

/// The value of a promise, asked for at the first poll.
pub(super) struct Pull {
    stub: RawStub,
    /// Registered with the session.
    id: Option<PullId>,
    /// The value is there, but for the bytes of its blobs.
    collecting: Option<Task>,
    is_done: bool,
}

/// A pull of a session.
pub(super) enum PullSlot {
    Waiting(Waker),
    Done(Result<Outgoing, RpcError>),
}

impl Pull {
    pub(super) fn new(stub: RawStub) -> Self {
        Pull { stub, id: None, collecting: None, is_done: false }
    }

    pub(super) fn stub(&self) -> &RawStub {
        &self.stub
    }

    fn max_blob_bytes(&self) -> usize {
        match &self.stub.kind {
            Kind::Session(on) => on.peer.max_blob_bytes(),
            _ => 0,
        }
    }

    fn poll_value(&mut self, cx: &Context<'_>) -> Poll<Result<Outgoing, RpcError>> {
        match &self.stub.kind {
            Kind::Session(on) => on.peer.poll_pull(Session::pull, on.cap(), &mut self.id, cx),
            Kind::Local(_) | Kind::Source(_) | Kind::Bytes(_) | Kind::Drain(_) => {
                Poll::Ready(Ok(Payload::from_cap(value_of(&self.stub))))
            }
            Kind::Broken(error) => Poll::Ready(Err(error.clone())),
            Kind::Recorded(_) => Poll::Ready(Err(map::outside())),
        }
    }
}

impl Future for Pull {
    type Output = Result<Outgoing, RpcError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.is_done {
            return Poll::Ready(Err(RpcError::error("an RpcPromise was awaited twice")));
        }
        let polled = match &mut self.collecting {
            Some(collecting) => collecting.as_mut().poll(cx),
            None => match self.poll_value(cx) {
                Poll::Ready(Ok(value)) if blob::may_have_blobs(value.caps()) => {
                    let max_bytes = self.max_blob_bytes();
                    let collecting = Box::pin(blob::collect(value, false, max_bytes));
                    self.collecting.insert(collecting).as_mut().poll(cx)
                }
                polled => polled,
            },
        };
        self.is_done = polled.is_ready();
        polled
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        if let (Kind::Session(on), Some(id)) = (&self.stub.kind, self.id) {
            on.peer.give_up_pull(id);
        }
    }
}

/// What a promise of a reference becomes.
fn value_of(stub: &RawStub) -> RawStub {
    if stub.is_promise() { stub.clone().into_stub() } else { stub.clone() }
}

/// How a session is asked for a value.
pub(super) type Ask = fn(&mut Session, CapId, PullId, &mut Turn);

impl PeerInner {
    pub(super) fn max_blob_bytes(&self) -> usize {
        self.state.borrow().session.limits().max_blob_bytes
    }

    pub(super) fn poll_pull(
        self: &Rc<Self>,
        ask: Ask,
        on: CapId,
        id: &mut Option<PullId>,
        cx: &Context<'_>,
    ) -> Poll<Result<Outgoing, RpcError>> {
        let pull = match *id {
            Some(pull) => pull,
            None => *id.insert(self.pull(ask, on)),
        };
        if self.is_local {
            self.drive_for(pull, cx);
        }
        let polled = self.take_result(pull, cx.waker());
        if polled.is_ready() {
            self.stop_for(pull);
            *id = None;
        }
        polled
    }

    /// Nobody wants the value any more.
    pub(super) fn give_up_pull(&self, pull: PullId) {
        self.stop_for(pull);
        self.defer(Deferred::Forget(pull));
    }

    /// Asks for a value. Nobody is woken by one that is there at once.
    fn pull(self: &Rc<Self>, ask: Ask, on: CapId) -> PullId {
        let pull = self.with(|state| {
            let nobody = Waker::noop().clone();
            let pull = PullId(state.pulls.insert(PullSlot::Waiting(nobody)));
            ask(&mut state.session, on, pull, &mut state.turn);
            pull
        });
        self.deliver_results();
        pull
    }

    fn take_result(&self, pull: PullId, waker: &Waker) -> Poll<Result<Outgoing, RpcError>> {
        // Dropped after the borrow.
        let _old;
        let state = &mut *self.state.borrow_mut();
        match state.pulls.get_mut(pull.0) {
            Some(PullSlot::Waiting(known)) if known.will_wake(waker) => Poll::Pending,
            Some(PullSlot::Waiting(known)) => {
                _old = std::mem::replace(known, waker.clone());
                Poll::Pending
            }
            _ => Poll::Ready(match state.pulls.remove(pull.0) {
                Some(PullSlot::Done(result)) => result,
                _ => Err(RpcError::error("the pull is gone")),
            }),
        }
    }

    /// Hands the results that have come to those who wait. False if there were none.
    pub(super) fn deliver_results(self: &Rc<Self>) -> bool {
        let mut any = false;
        while let Some(slot) = self.deliver_result() {
            any = true;
            if let Some(PullSlot::Waiting(waker)) = slot {
                waker.wake();
            }
        }
        any
    }

    /// Stores one result; gives what was in its place before.
    fn deliver_result(self: &Rc<Self>) -> Option<Option<PullSlot>> {
        let state = &mut *self.state.borrow_mut();
        let (pull, result) = state.turn.results.pop_front()?;
        if state.pulls.get(pull.0).is_none() {
            state.discard(result);
            return Some(None);
        }
        let result = result.map(|value| state.export(self, value));
        let slot = state.pulls.get_mut(pull.0);
        Some(slot.map(|slot| std::mem::replace(slot, PullSlot::Done(result))))
    }
}

impl State {
    /// Nobody wants the result any more.
    pub(super) fn forget(&mut self, pull: PullId) {
        self.garbage.pulls.extend(self.pulls.remove(pull.0));
    }
}
