//! What follows from an event of an object: its sessions are advanced, saved and sent, and the object
//! may sleep again.

use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::Poll;

use topsail_core::RpcError;
use wasm_bindgen::JsValue;
use worker::console_warn;

use super::super::live::Live;
use super::super::storage::Hold;
use super::{Hub, number};

impl Hub {
    /// Runs an event of the object, and what follows from it.
    pub(in crate::durable) fn event(self: &Rc<Self>, run: impl FnOnce()) {
        self.run_event(false, run);
    }

    /// As [`event`](Self::event), for one whose end the runtime waits for before the object sleeps.
    /// Gives it a promise where the object has to stay awake and no earlier event sees to that.
    pub(in crate::durable) fn event_that_holds(self: &Rc<Self>, run: impl FnOnce()) -> JsValue {
        self.run_event(true, run);
        let mut hold = self.hold.borrow_mut();
        if !self.is_held() || hold.is_some() {
            return JsValue::UNDEFINED;
        }
        hold.insert(Hold::new()).promise().into()
    }

    fn run_event(self: &Rc<Self>, can_hold: bool, run: impl FnOnce()) {
        self.can_hold.set(can_hold);
        let _within = self.ready.enter_event();
        run();
        self.settle();
    }

    /// Has the sessions do what they have to, saves those that did something, and sends.
    pub(in crate::durable) fn settle(self: &Rc<Self>) {
        loop {
            while let Some(key) = self.ready.next() {
                if let Some(live) = self.live(key) {
                    live.advance();
                    self.finish(&live);
                }
            }
            for live in self.sessions_with_shared_durables() {
                self.finish(&live);
            }
            if self.ready.is_empty() {
                break;
            }
        }
        self.release();
    }

    /// Lets the object sleep where nothing speaks against it. Where something does, and the event
    /// is none that can see to it, a timer keeps the object awake.
    fn release(&self) {
        if !self.is_held() {
            self.hold.take().iter().for_each(Hold::release);
        } else if !self.can_hold.get() {
            self.hold.borrow_mut().get_or_insert_with(Hold::of_timer);
        }
    }

    /// Durable targets that others refer to may have changed in any event.
    fn sessions_with_shared_durables(&self) -> Vec<Rc<Live>> {
        self.in_memory(|live| live.peer().has_shared_durables())
    }

    /// Saves and sends what a session has done. A large one is saved soon,
    /// where an unfinished event keeps the object awake until then.
    pub(in crate::durable) fn finish(self: &Rc<Self>, live: &Rc<Live>) {
        let is_awake = self.can_hold.get() || self.hold.borrow().is_some();
        if is_awake && live.is_large() {
            live.leave_unsaved();
            self.save_later.start();
        } else {
            self.save(live);
        }
        if !live.send() {
            // Behind an abort the socket's close finds no session.
            self.leave(live);
            let ended = self.sessions.borrow_mut().remove(number(live.key()));
            drop(ended);
        }
    }

    fn save(&self, live: &Live) {
        let Some(options) = self.options.get() else { return };
        let was_pinned = live.is_pinned();
        live.save(options.unnamed);
        let is_pinned = live.is_pinned();
        if is_pinned && !was_pinned && options.logs_pins {
            console_warn!("Topsail: a session keeps its object awake: {}", live.pinned_by());
        }
        let pinned = self.pinned.get() + usize::from(is_pinned);
        self.pinned.set(pinned.saturating_sub(usize::from(was_pinned)));
    }

    pub(super) fn save_unsaved(&self) {
        self.save_later.begin();
        self.in_memory(Live::is_unsaved).iter().for_each(|live| self.save(live));
        self.release();
    }

    fn is_held(&self) -> bool {
        self.pinned.get() > 0 || self.save_later.is_due()
    }

    /// The instance is lost. Sockets and storage can be touched in an event of the object's own; one
    /// of another object leaves that to the event that keeps this one awake. Where there is none,
    /// nothing runs and everything is saved.
    pub(super) fn last_words(&self, error: &RpcError, hold: Option<&Hold>) {
        let is_own_event = self.ready.is_in_event();
        let Ok(sessions) = self.sessions.try_borrow() else { return };
        if is_own_event || hold.is_some() {
            let hold = hold.filter(|_| !is_own_event);
            sessions.iter().for_each(|(_, live)| live.last_words(error, hold));
        }
    }
}

/// Does outside of events what methods and stubs have to do.
pub(super) async fn drive(hub: Weak<Hub>) {
    poll_fn(|cx| {
        let hub = hub.upgrade().filter(|hub| hub.application().is_some());
        let Some(hub) = hub else { return Poll::Ready(()) };
        hub.ready.set_driver(cx.waker());
        hub.event(|| {});
        Poll::Pending
    })
    .await;
}
