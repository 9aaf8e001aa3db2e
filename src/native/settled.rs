//! What promises of JavaScript become. One closure takes all of it: two for each promise, as
//! `JsFuture` has them, would be a good part of what a call costs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use super::js::{Deliver, NATIVE, Native};
use super::rules::NativeRules;
use crate::executor;

/// What a promise has become: text and capabilities of a value, or the text of an error.
pub(super) struct Settled {
    pub(super) text: String,
    pub(super) caps: Option<Array>,
    pub(super) outcome: Outcome,
}

/// As `native.js` numbers them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Resolved,
    Rejected,
    /// Rejected because the object can no longer be reached.
    Broken,
    /// A stream has ended.
    Done,
}

enum Slot {
    Waiting(Option<Waker>),
    Done(Settled),
}

#[derive(Default)]
struct Slots {
    last: u32,
    slots: HashMap<u32, Slot>,
}

thread_local! {
    static SLOTS: RefCell<Slots> = RefCell::default();
    static DELIVER: Closure<Deliver> = Closure::wrap_assert_unwind_safe(Box::new(deliver));
}

/// Waits for what a promise becomes.
pub(super) struct Settling {
    number: u32,
}

impl Settling {
    pub(super) fn new(promise: &JsValue, rules: NativeRules) -> Self {
        Settling::begin(|native, number, deliver| {
            native.settle(promise, rules.bits(), number, deliver);
        })
    }

    /// Waits for what a reader reads next.
    pub(super) fn read(reader: &JsValue, rules: NativeRules) -> Self {
        Settling::begin(|native, number, deliver| {
            native.read(reader, rules.bits(), number, deliver);
        })
    }

    fn begin(run: impl FnOnce(&Native, u32, &Closure<Deliver>)) -> Self {
        let number = SLOTS.with_borrow_mut(|slots| {
            slots.last = slots.last.wrapping_add(1);
            slots.slots.insert(slots.last, Slot::Waiting(None));
            slots.last
        });
        NATIVE.with(|native| DELIVER.with(|deliver| run(native, number, deliver)));
        Settling { number }
    }
}

impl Future for Settling {
    type Output = Settled;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Settled> {
        SLOTS.with_borrow_mut(|Slots { slots, .. }| match slots.get_mut(&self.number) {
            Some(Slot::Waiting(waker)) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => match slots.remove(&self.number) {
                Some(Slot::Done(settled)) => Poll::Ready(settled),
                // It was ready before.
                _ => Poll::Pending,
            },
        })
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        let gone = SLOTS.with_borrow_mut(|slots| slots.slots.remove(&self.number));
        drop(gone);
    }
}

fn deliver(number: u32, text: String, caps: Option<Array>, outcome: u32) {
    let outcome = match outcome {
        0 => Outcome::Resolved,
        1 => Outcome::Rejected,
        2 => Outcome::Broken,
        _ => Outcome::Done,
    };
    let done = Slot::Done(Settled { text, caps, outcome });
    let waiting = SLOTS.with_borrow_mut(|slots| {
        slots.slots.get_mut(&number).map(|slot| std::mem::replace(slot, done))
    });
    match waiting {
        Some(Slot::Waiting(Some(waker))) => executor::within(|| waker.wake()),
        Some(_) => {}
        // Nobody waits any more; `done` went with its capabilities.
        None => {}
    }
}
