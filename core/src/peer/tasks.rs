use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures::Stream;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;

use super::Outgoing;
use super::contain::contain;
use super::inner::PeerInner;
use super::turn_loop::Buffers;
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
        let polled = contain(|| self.task.as_mut().poll(cx));
        let result = polled.unwrap_or_else(|error| Poll::Ready(Err(error)));
        result.map(|result| (answer, result))
    }
}

/// Wakes everyone who drives a peer. While a turn runs it is held: the turn itself sees to what
/// has been woken, without a detour through the host's executor.
#[derive(Default)]
pub(super) struct Signal {
    drivers: Mutex<Vec<Waker>>,
    is_held: AtomicBool,
    is_woken: AtomicBool,
}

impl Signal {
    pub(super) fn wake(&self) {
        self.is_woken.store(true, Relaxed);
        if !self.is_held.load(Relaxed) {
            self.wake_drivers();
        }
    }

    pub(super) fn hold(&self) {
        self.is_held.store(true, Relaxed);
    }

    /// Whether something was woken since it was last asked.
    pub(super) fn take(&self) -> bool {
        self.is_woken.swap(false, Relaxed)
    }

    /// Ends the hold, and passes on what was woken meanwhile.
    pub(super) fn release(&self) {
        self.is_held.store(false, Relaxed);
        if self.is_woken.load(Relaxed) {
            self.wake_drivers();
        }
    }

    pub(super) fn wake_drivers(&self) {
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
        self.signal.take();
        loop {
            self.finish_turn(&mut buffers);
            self.poll_tasks();
            if !self.has_work() {
                break;
            }
        }
        self.buffers.set(buffers);
        self.tasks.borrow().is_empty() && self.unsettled.get() == 0
    }

    /// Behind a turn: polls the tasks that it has started or woken, once, and does what follows
    /// from that. Those that are woken again wait for the driver, so that the host gets its turn.
    pub(super) fn poll_woken(self: &Rc<Self>, buffers: &mut Buffers) {
        if self.signal.take() || !self.state.borrow().started.is_empty() {
            self.poll_tasks();
            self.finish_turn(buffers);
        }
    }

    /// Starts a task: polls it at once, with the waker that it keeps. Futures that hold on to
    /// their first waker, as timers of JavaScript do, are woken by it.
    pub(super) fn start(self: &Rc<Self>, answer: AnswerId, task: Task) {
        self.state.borrow_mut().started.push(Running::new(answer, task));
        self.poll_tasks();
    }

    /// Polls the tasks that were started or woken.
    fn poll_tasks(self: &Rc<Self>) {
        self.tell_time();
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
