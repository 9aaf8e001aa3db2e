use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use super::session::SessionKey;

/// The sessions that have something to do. Within an event of the object they wait for its end;
/// outside, the object's driver is woken.
#[derive(Default)]
pub(super) struct Ready {
    sessions: Mutex<Vec<Arc<SessionWaker>>>,
    driver: Mutex<Option<Waker>>,
    is_in_event: AtomicBool,
}

/// Wakes one session.
pub(super) struct SessionWaker {
    ready: Arc<Ready>,
    key: SessionKey,
    is_queued: AtomicBool,
}

/// See [`Ready::enter_event`].
pub(super) struct WithinEvent<'a> {
    ready: &'a Ready,
    was_within: bool,
}

impl Ready {
    pub(super) fn waker(self: &Arc<Self>, key: SessionKey) -> Waker {
        let ready = Arc::clone(self);
        Waker::from(Arc::new(SessionWaker { ready, key, is_queued: AtomicBool::new(false) }))
    }

    /// Takes one session out.
    pub(super) fn next(&self) -> Option<SessionKey> {
        let session = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        session.is_queued.store(false, Relaxed);
        Some(session.key)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Who is woken outside of events.
    pub(super) fn set_driver(&self, driver: &Waker) {
        *self.driver.lock().unwrap_or_else(PoisonError::into_inner) = Some(driver.clone());
    }

    /// An event is dealt with for as long as the guard lives.
    pub(super) fn enter_event(&self) -> WithinEvent<'_> {
        WithinEvent { ready: self, was_within: self.is_in_event.swap(true, Relaxed) }
    }

    pub(super) fn is_in_event(&self) -> bool {
        self.is_in_event.load(Relaxed)
    }

    fn push(&self, session: Arc<SessionWaker>) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        if !self.is_in_event() {
            self.wake_driver();
        }
    }

    /// Wakes the object's driver.
    pub(super) fn wake_driver(&self) {
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

impl Drop for WithinEvent<'_> {
    fn drop(&mut self) {
        self.ready.is_in_event.store(self.was_within, Relaxed);
    }
}

impl Wake for SessionWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, Relaxed) {
            let ready = Arc::clone(&self.ready);
            ready.push(self);
        }
    }
}
