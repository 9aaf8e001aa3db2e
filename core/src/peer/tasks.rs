use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures::future::LocalBoxFuture;

use super::Outgoing;
use super::buffers::Buffers;
use super::contain::contain;
use super::inner::PeerInner;
use super::signal::{Signal, TaskWaker};
use crate::RpcError;
use crate::proto::{AnswerId, Call, TargetId};
use crate::slab::Slab;

/// Computes the value of a promise.
pub(super) type Task = LocalBoxFuture<'static, Result<Outgoing, RpcError>>;

/// A task and the promise that it settles.
pub(super) struct Running {
    answer: AnswerId,
    /// The target whose method it is.
    on: TargetId,
    /// In which it was polled last.
    round: u32,
    task: Task,
}

impl Running {
    pub(super) fn new(answer: AnswerId, on: TargetId, task: Task) -> Self {
        Running { answer, on, round: 0, task }
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Result<Outgoing, RpcError>> {
        let polled = contain(|| self.task.as_mut().poll(&mut Context::from_waker(waker)));
        polled.unwrap_or_else(|error| Poll::Ready(Err(error)))
    }
}

/// A future that drives a peer.
pub(super) struct Driver {
    pub(super) peer: Rc<PeerInner>,
    number: u64,
}

impl Driver {
    pub(super) fn new(peer: Rc<PeerInner>) -> Self {
        let number = peer.signal.new_driver();
        Driver { peer, number }
    }

    #[inline(never)]
    pub(super) fn drive(&self, cx: &Context<'_>) -> bool {
        self.peer.drive(self.number, cx)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.peer.signal.forget(self.number);
    }
}

/// Tasks that run, by number.
///
/// Our own: `FuturesUnordered` wakes its waker whenever it has polled all that it has, so that the
/// host's executor would run behind every turn.
#[derive(Default)]
pub(super) struct Tasks {
    places: Slab<Place>,
    /// Of the tasks that were polled together last. New tasks have 0.
    round: u32,
}

struct Place {
    /// None while it is polled.
    running: Option<Running>,
    waker: Option<Arc<TaskWaker>>,
}

/// What is done with a task that is ready.
enum Ready {
    Poll(Running, Arc<TaskWaker>),
    /// It was polled in this round.
    Later,
    /// It has ended.
    Gone,
}

impl Tasks {
    pub(super) fn is_empty(&self) -> bool {
        self.places.len() == 0
    }

    /// One more task, which is ready.
    fn insert(&mut self, running: Running, signal: &Arc<Signal>) {
        let number = self.places.insert(Place { running: Some(running), waker: None });
        let waker = TaskWaker::new(number, signal);
        waker.wake_by_ref();
        if let Some(place) = self.places.get_mut(number) {
            place.waker = Some(waker);
        }
    }

    fn ready(&mut self, number: u64) -> Ready {
        let Some(place) = self.places.get_mut(number) else { return Ready::Gone };
        if place.running.as_ref().is_some_and(|running| running.round == self.round) {
            return Ready::Later;
        }
        match (place.running.take(), &place.waker) {
            (Some(running), Some(waker)) => {
                Ready::Poll(Running { round: self.round, ..running }, Arc::clone(waker))
            }
            _ => Ready::Gone,
        }
    }

    /// Has a task fail in place of going on. Gives what it was.
    fn fail(&mut self, answer: AnswerId, why: RpcError) -> Option<Task> {
        let is_meant = |place: &Place| place.running.as_ref().is_some_and(|it| it.answer == answer);
        let number = self.places.iter().find_map(|(number, it)| is_meant(it).then_some(number))?;
        let Place { running, waker } = self.places.get_mut(number)?;
        waker.iter().for_each(Wake::wake_by_ref);
        let failed: Task = Box::pin(std::future::ready(Err(why)));
        Some(std::mem::replace(&mut running.as_mut()?.task, failed))
    }

    /// Puts a task back that was polled. Gives it back if its place is gone.
    fn put(&mut self, number: u64, running: Running) -> Option<Running> {
        match self.places.get_mut(number) {
            Some(place) => place.running.replace(running),
            None => Some(running),
        }
    }
}

impl PeerInner {
    /// Does all that can be done now, and has the driver woken when there is more. True if
    /// nothing runs and nothing is queued.
    pub(super) fn drive(self: &Rc<Self>, driver: u64, cx: &Context<'_>) -> bool {
        self.signal.register(driver, cx.waker());
        self.advance()
    }

    /// Does all that can be done now.
    pub(super) fn advance(self: &Rc<Self>) -> bool {
        let Some(_busy) = self.enter() else { return false };
        let mut buffers = self.take_buffers();
        self.signal.take();
        loop {
            self.finish_turn(&mut buffers);
            self.poll_tasks();
            if !self.has_work() {
                break;
            }
        }
        self.keep_buffers(buffers);
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

    /// Starts the task of a call: polls it at once, with the waker that it keeps. Futures that hold
    /// on to their first waker, as timers of JavaScript do, are woken by it.
    pub(super) fn start(self: &Rc<Self>, call: &Call, task: Task) {
        let running = Running::new(call.answer, call.target, task);
        self.state.borrow_mut().started.push(running);
        self.poll_tasks();
    }

    pub(super) fn fail_task(&self, answer: AnswerId, why: RpcError) {
        // What is dropped is the application's, so outside of any borrow.
        let _gone = self.tasks.borrow_mut().fail(answer, why);
    }

    /// Polls the tasks that were started or woken, and those that are woken by that: each once. One
    /// that is woken again waits for the next time.
    fn poll_tasks(self: &Rc<Self>) {
        self.tell_time();
        self.start_round();
        let mut later = Vec::new();
        while let Some(number) = self.signal.next_ready() {
            let ready = self.tasks.borrow_mut().ready(number);
            match ready {
                Ready::Poll(running, waker) => self.poll_task(number, running, waker),
                Ready::Later => later.push(number),
                Ready::Gone => {}
            }
        }
        self.signal.keep_ready(later);
    }

    fn start_round(&self) {
        let started = std::mem::take(&mut self.state.borrow_mut().started);
        let tasks = &mut *self.tasks.borrow_mut();
        tasks.round = tasks.round.wrapping_add(1);
        for running in started {
            tasks.insert(running, &self.signal);
        }
    }

    fn poll_task(self: &Rc<Self>, number: u64, mut running: Running, waker: Arc<TaskWaker>) {
        waker.is_polled();
        let polled = running.poll(&Waker::from(waker));
        self.touch(running.on);
        // What is dropped is the application's, so outside of any borrow.
        let _gone = match polled {
            Poll::Pending => self.tasks.borrow_mut().put(number, running),
            Poll::Ready(result) => {
                self.tasks.borrow_mut().places.remove(number);
                self.settle(running.answer, result);
                Some(running)
            }
        };
    }
}
