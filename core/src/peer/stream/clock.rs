use std::cell::Cell;

use crate::peer::inner::PeerInner;

thread_local! {
    static CLOCK: Cell<Option<fn() -> f64>> = const { Cell::new(None) };
}

/// Tells the time to the sessions of this thread: milliseconds of a monotonic clock.
///
/// Streams that are sent use it to find out how many bytes a connection holds. Without a clock they
/// keep to 256 KiB on their way at once.
pub fn set_clock(clock: fn() -> f64) {
    CLOCK.set(Some(clock));
}

impl PeerInner {
    /// Tells the session the time, if it has streams.
    pub(in crate::peer) fn tell_time(&self) {
        if self.state.borrow().session.has_streams() {
            self.set_time();
        }
    }

    /// Tells the session the time.
    pub(super) fn set_time(&self) {
        if let Some(clock) = CLOCK.get() {
            let now_ms = clock();
            self.state.borrow_mut().turn.now_ms = now_ms;
        }
    }
}
