use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures::Stream;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;

use super::Outgoing;
use super::inner::PeerInner;
use crate::RpcError;
use crate::proto::AnswerId;

/// Computes the value of a promise.
pub(super) type Task = LocalBoxFuture<'static, Result<Outgoing, RpcError>>;

/// Running tasks.
pub(super) type Tasks = FuturesUnordered<Running>;

/// A task and the promise that it settles.
pub(super) struct Running {
    answer: AnswerId,
    task: Task,
}

impl Running {
    pub(super) fn new(answer: AnswerId, task: Task) -> Self {
        Running { answer, task }
    }
}

impl Future for Running {
    type Output = (AnswerId, Result<Outgoing, RpcError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.answer;
        self.task.as_mut().poll(cx).map(|result| (answer, result))
    }
}

/// Wakes everyone who drives a peer.
#[derive(Default)]
pub(super) struct Signal {
    drivers: Mutex<Vec<Waker>>,
}

impl Signal {
    pub(super) fn wake(&self) {
        let drivers = std::mem::take(&mut *self.lock());
        for driver in drivers {
            driver.wake();
        }
    }

    fn register(&self, waker: &Waker) {
        let mut drivers = self.lock();
        if !drivers.iter().any(|driver| driver.will_wake(waker)) {
            drivers.push(waker.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        Signal::wake(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        Signal::wake(self);
    }
}

impl PeerInner {
    /// Does all that can be done now, and has the driver woken when there is more. True if
    /// nothing runs and nothing is queued.
    pub(super) fn drive(self: &Rc<Self>, cx: &Context<'_>) -> bool {
        self.signal.register(cx.waker());
        self.advance()
    }

    /// Does all that can be done now.
    pub(super) fn advance(self: &Rc<Self>) -> bool {
        let Some(_busy) = self.enter() else { return false };
        let mut buffers = self.buffers.take();
        loop {
            self.finish_turn(&mut buffers);
            self.poll_tasks();
            if !self.has_work() {
                break;
            }
        }
        self.buffers.set(buffers);
        self.tasks.borrow().is_empty()
    }

    /// Starts a task: polls it at once, with the waker that it keeps. Futures that hold on to
    /// their first waker, as timers of JavaScript do, are woken by it.
    pub(super) fn start(self: &Rc<Self>, answer: AnswerId, task: Task) {
        self.state.borrow_mut().started.push(Running::new(answer, task));
        self.poll_tasks();
    }

    /// Polls the tasks that were started or woken.
    fn poll_tasks(self: &Rc<Self>) {
        let mut polled = Polled { tasks: self.tasks.take(), peer: self };
        polled.tasks.extend(std::mem::take(&mut self.state.borrow_mut().started));
        let mut cx = Context::from_waker(&self.waker);
        while let Poll::Ready(Some(done)) = Pin::new(&mut polled.tasks).poll_next(&mut cx) {
            let (answer, result) = done;
            self.settle(answer, result);
        }
    }
}

/// Tasks taken out of their peer, put back even when one of them panics.
struct Polled<'a> {
    tasks: Tasks,
    peer: &'a PeerInner,
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        self.peer.tasks.swap(&RefCell::new(std::mem::take(&mut self.tasks)));
    }
}
