//! The tasks of the instance. Those that are woken run together, in one microtask of the host, or at
//! once where an event has woken them that knows ([`within`]): a microtask costs more than most
//! tasks do. It is the reaction of a promise, which in workerd costs a fraction of what
//! `queueMicrotask` does.
//!
//! A task runs in the event that wakes it, whichever request or Durable Object that is of. What it
//! waits for must therefore be of its own: the runtime lets no other event use what belongs to that.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use futures::future::LocalBoxFuture;
use wasm_bindgen::prelude::Closure;

use crate::instance::{self, Flagged};
use crate::watch;

thread_local! {
    static TASKS: RefCell<Tasks> = const { RefCell::new(Tasks::new()) };
    /// The tasks that were woken.
    static READY: RefCell<VecDeque<usize>> = const { RefCell::new(VecDeque::new()) };
    /// A microtask will run them.
    static IS_SCHEDULED: Cell<bool> = const { Cell::new(false) };
    /// Whoever wakes tasks now sees to it that they run.
    static IS_HELD: Cell<bool> = const { Cell::new(false) };
    /// A task is polled.
    static IS_POLLING: Cell<bool> = const { Cell::new(false) };
    static RUN: Closure<dyn Fn()> = Closure::wrap_assert_unwind_safe(Box::new(run_scheduled));
    static GIVEN_UP: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static GIVE_UP: Closure<dyn Fn(u32)> = Closure::wrap_assert_unwind_safe(Box::new(give_up));
}

/// Tasks by number. A place is empty while its task is polled, and once that has ended.
struct Tasks {
    places: Vec<Option<Task>>,
    free: Vec<usize>,
    last: u32,
}

struct Task {
    future: LocalBoxFuture<'static, ()>,
    state: Arc<TaskState>,
    waker: Waker,
}

/// What refers to a task that was spawned.
pub(crate) struct TaskHandle(Arc<TaskState>);

/// For JavaScript: tells it what gives tasks up.
pub(crate) fn start() {
    GIVE_UP.with(instance::begin);
}

/// Runs a future by itself, from the next microtask on.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) -> TaskHandle {
    let future = Box::pin(future);
    let state = TASKS.with_borrow_mut(|tasks| tasks.insert(future));
    state.wake_by_ref();
    TaskHandle(state)
}

/// Runs a future by itself, from now on. Whoever calls holds nothing that code of the application
/// could want.
pub(crate) fn begin(future: LocalBoxFuture<'static, ()>) -> TaskHandle {
    let state = TASKS.with_borrow_mut(|tasks| tasks.insert(future));
    poll(state.place);
    TaskHandle(state)
}

impl TaskHandle {
    /// Another task's only when four thousand million have followed.
    pub(crate) fn number(&self) -> u32 {
        self.0.number
    }

    /// Has the task given up if the request that runs now ends before it.
    pub(crate) fn end_with_request(&self) {
        if !self.0.has_ended.load(Ordering::Relaxed) {
            self.0.is_watched.store(true, Ordering::Relaxed);
            watch::watch(self.0.number);
        }
    }
}

/// Takes out a task that nothing will wake. This is no event of a request: a destructor that clears a timer, say,
/// would throw here.
fn give_up(number: u32) {
    let task = TASKS.with_borrow_mut(|tasks| {
        let is_meant = |task: &Task| task.state.number == number;
        let place = tasks.places.iter().position(|task| task.as_ref().is_some_and(is_meant))?;
        tasks.free.push(place);
        tasks.take(place)
    });
    GIVEN_UP.with_borrow_mut(|given_up| given_up.extend(task));
}

/// Drops tasks that were given up. To be called in an event, where nothing is held that code of the application
/// could want.
pub(crate) fn drop_given_up() {
    if GIVEN_UP.with_borrow(|given_up| !given_up.is_empty()) {
        drop(GIVEN_UP.take());
    }
}

/// Whether code of a task runs: what it awaits wakes the task, without a detour through another
/// executor.
pub(crate) fn is_in_task() -> bool {
    IS_POLLING.get()
}

/// Runs something that wakes tasks, and then these.
pub(crate) fn within<T>(run: impl FnOnce() -> T) -> T {
    // From inside of a task others run after it: one that is being polled would lose the wake-up.
    if IS_POLLING.get() {
        return run();
    }
    let is_held = IS_HELD.get();
    let result = {
        let _held = Flagged::set(&IS_HELD);
        run()
    };
    if !is_held {
        run_ready();
    }
    result
}

/// What outlives a task: its wakers have it.
struct TaskState {
    place: usize,
    number: u32,
    /// The task stands among those that are ready: once, however often it is woken.
    is_ready: AtomicBool,
    is_watched: AtomicBool,
    has_ended: AtomicBool,
}

impl TaskState {
    fn new(place: usize, number: u32) -> Self {
        let no = || AtomicBool::new(false);
        TaskState { place, number, is_ready: no(), is_watched: no(), has_ended: no() }
    }

    fn end(&self) {
        self.has_ended.store(true, Ordering::Relaxed);
        if self.is_watched.load(Ordering::Relaxed) {
            watch::unwatch(self.number);
        }
    }
}

impl Wake for TaskState {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::Relaxed) {
            READY.with_borrow_mut(|ready| ready.push_back(self.place));
        }
        if !IS_HELD.get() {
            schedule();
        }
    }
}

fn schedule() {
    if !IS_SCHEDULED.replace(true) {
        RUN.with(instance::schedule);
    }
}

fn run_scheduled() {
    IS_SCHEDULED.set(false);
    run_ready();
}

/// Runs the tasks that are ready now. Those that get ready meanwhile wait for the host to have its
/// turn.
fn run_ready() {
    for place in READY.take() {
        poll(place);
    }
    if READY.with_borrow(|ready| !ready.is_empty()) {
        schedule();
    }
}

fn poll(place: usize) {
    let Some(mut task) = TASKS.with_borrow_mut(|tasks| tasks.take(place)) else { return };
    // Whoever wakes it from now on has it polled again.
    task.state.is_ready.store(false, Ordering::Relaxed);
    let waker = task.waker.clone();
    let polled = {
        let _polling = Flagged::set(&IS_POLLING);
        task.future.as_mut().poll(&mut Context::from_waker(&waker))
    };
    let ended = TASKS.with_borrow_mut(|tasks| match polled.is_ready() {
        true => {
            tasks.free.push(place);
            task.state.end();
            Some(task)
        }
        false => tasks.put(place, task),
    });
    drop(ended);
}

impl Tasks {
    const fn new() -> Self {
        Tasks { places: Vec::new(), free: Vec::new(), last: 0 }
    }

    fn insert(&mut self, future: LocalBoxFuture<'static, ()>) -> Arc<TaskState> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.last = self.last.wrapping_add(1);
        let state = Arc::new(TaskState::new(place, self.last));
        let waker = Waker::from(Arc::clone(&state));
        self.put(place, Task { future, state: Arc::clone(&state), waker });
        state
    }

    fn take(&mut self, place: usize) -> Option<Task> {
        self.places.get_mut(place)?.take()
    }

    fn put(&mut self, place: usize, task: Task) -> Option<Task> {
        self.places.get_mut(place)?.replace(task)
    }
}
