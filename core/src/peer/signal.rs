use std::collections::VecDeque;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// Wakes everyone who drives a peer: futures of the host, mostly one. While a turn runs it is held: the turn
/// itself sees to what has been woken, without a detour through the host's executor.
#[derive(Default)]
pub(super) struct Signal {
    /// Their numbers, each with the waker of the last poll, unless it was woken since.
    drivers: Mutex<Vec<(u64, Waker)>>,
    drivers_made: AtomicU32,
    is_held: AtomicBool,
    is_woken: AtomicBool,
    /// The tasks that were woken, first come first served.
    ready: Mutex<VecDeque<u64>>,
}

impl Signal {
    pub(super) fn wake(&self) {
        self.is_woken.store(true, SeqCst);
        if !self.is_held.load(SeqCst) {
            self.wake_drivers();
        }
    }

    pub(super) fn hold(&self) {
        self.is_held.store(true, SeqCst);
    }

    /// Whether something was woken since it was last asked.
    pub(super) fn take(&self) -> bool {
        self.is_woken.swap(false, SeqCst)
    }

    /// Ends the hold, and passes on what was woken meanwhile.
    pub(super) fn release(&self) {
        self.is_held.store(false, SeqCst);
        if self.is_woken.load(SeqCst) {
            self.wake_drivers();
        }
    }

    pub(super) fn wake_drivers(&self) {
        let drivers = std::mem::take(&mut *lock(&self.drivers));
        for (_, driver) in drivers {
            driver.wake();
        }
    }

    /// A number for a driver, from the highest down: those of pulls, which drive too, ascend.
    pub(super) fn new_driver(&self) -> u64 {
        u64::MAX - u64::from(self.drivers_made.fetch_add(1, Relaxed))
    }

    /// Has a driver woken that is polled.
    pub(super) fn register(&self, driver: u64, waker: &Waker) {
        self.forget(driver);
        let waker = waker.clone();
        let mut drivers = lock(&self.drivers);
        if drivers.is_empty() {
            // Mostly there is no other one.
            drivers.reserve_exact(1);
        }
        drivers.push((driver, waker));
    }

    /// A driver is gone, or has nothing to do any more.
    #[inline(never)]
    pub(super) fn forget(&self, driver: u64) {
        // Its waker may run code of the host when it is dropped, so outside of the lock.
        let _gone;
        let mut drivers = lock(&self.drivers);
        let Some(last) = drivers.pop() else { return };
        if last.0 == driver {
            _gone = last;
        } else if let Some(found) = drivers.iter_mut().find(|(number, _)| *number == driver) {
            _gone = std::mem::replace(found, last);
        } else {
            drivers.push(last);
        }
    }

    /// The task that was woken first.
    pub(super) fn next_ready(&self) -> Option<u64> {
        self.ready().pop_front()
    }

    /// All tasks that were woken have been polled but for these, which wait for the next time.
    pub(super) fn keep_ready(&self, tasks: Vec<u64>) {
        let mut ready = self.ready();
        ready.extend(tasks);
        // Another thread may have woken one since: it says so behind the lock.
        self.is_woken.store(!ready.is_empty(), SeqCst);
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<u64>> {
        lock(&self.ready)
    }
}

/// Wakes one task of a peer.
pub(super) struct TaskWaker {
    number: u64,
    /// It stands in the signal's list.
    is_ready: AtomicBool,
    signal: Arc<Signal>,
}

impl TaskWaker {
    pub(super) fn new(number: u64, signal: &Arc<Signal>) -> Arc<Self> {
        let signal = Arc::clone(signal);
        Arc::new(TaskWaker { number, is_ready: AtomicBool::new(false), signal })
    }

    /// The task is polled now: from now on it can be woken.
    pub(super) fn is_polled(&self) {
        // With what was done before a wake-up that found it in the list.
        self.is_ready.swap(false, AcqRel);
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_ready.swap(true, AcqRel) {
            self.signal.ready().push_back(self.number);
            self.signal.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// Another thread may wake a task when a turn has just looked for the last time.
    #[test]
    fn a_task_that_is_woken_at_the_end_of_a_turn() {
        let (signal, count) = (Arc::new(Signal::default()), Arc::new(Count::default()));
        signal.register(signal.new_driver(), &Waker::from(Arc::clone(&count)));
        let task = TaskWaker::new(7, &signal);
        signal.hold();
        assert_eq!(signal.next_ready(), None);
        task.wake_by_ref();
        signal.keep_ready(Vec::new());
        signal.release();
        assert_eq!((count.0.load(Relaxed), signal.next_ready()), (1, Some(7)));
    }
}
