//! A number that the host gives to a session, and finds again while a turn of the session runs: so
//! what the host's own targets do can depend on the session that they do it for.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

/// The number of the session whose turn runs; 0 outside of turns, and where none was given.
pub fn host_setting() -> u32 {
    CURRENT.get()
}

/// While it lives, a session's number is the current one.
pub(super) struct Entered(u32);

impl Entered {
    pub(super) fn new(setting: u32) -> Self {
        Entered(CURRENT.replace(setting))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}
