use std::cell::Cell;

use wasm_bindgen::prelude::Closure;

use super::storage::Timer;
use crate::instance;

/// Something that is done once for all events that have arrived.
pub(super) struct Later {
    run: Closure<dyn Fn()>,
    timer: Timer,
    is_due: Cell<bool>,
}

impl Later {
    pub(super) fn new(run: impl Fn() + 'static) -> Self {
        let run: Box<dyn Fn()> = Box::new(move || instance::attempt(&run).unwrap_or_default());
        let run = Closure::wrap_assert_unwind_safe(run);
        Later { run, timer: Timer::new(), is_due: Cell::new(false) }
    }

    /// Has it done.
    pub(super) fn start(&self) {
        if !self.is_due.replace(true) {
            self.timer.start(&self.run);
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_due.get()
    }

    /// It is being done.
    pub(super) fn begin(&self) {
        self.is_due.set(false);
    }

    /// It is not done any more, whatever is due.
    pub(super) fn cancel(&self) {
        self.timer.cancel();
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.cancel();
    }
}
