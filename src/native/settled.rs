//! What promises of JavaScript become. One closure takes all of it: two for each promise, as
//! `JsFuture` has them, would be a good part of what a call costs. Where nothing but a session waits,
//! it goes there at once, through no task.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use super::js::{DISPOSAL, Deliver, NATIVE, Native};
use super::rules::NativeRules;
use crate::{executor, instance};

/// What a promise has become: text and capabilities of a value, or the text of an error.
pub(super) struct Settled {
    pub(super) text: String,
    pub(super) caps: Option<Array>,
    pub(super) outcome: Outcome,
    /// In place of text and capabilities: a chunk of bytes of a stream.
    pub(super) bytes: Option<Vec<u8>>,
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
    Handed(Take),
    Done(Settled),
}

/// Takes what a promise becomes.
type Take = Box<dyn FnOnce(Settled)>;

#[derive(Default)]
struct Slots {
    last: u32,
    slots: HashMap<u32, Slot, BuildHasherDefault<Spread>>,
}

/// Spreads the numbers of slots, which nobody else chooses, by the golden ratio.
#[derive(Default)]
struct Spread(u32);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(byte.into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B1);
    }

    fn finish(&self) -> u64 {
        self.0.into()
    }
}

thread_local! {
    static SLOTS: RefCell<Slots> = RefCell::default();
    static DELIVER: Closure<Deliver> = Closure::wrap_assert_unwind_safe(Box::new(deliver));
}

/// Has a function called with what a promise becomes, within the event that settles it, unless what is given
/// back is dropped before.
pub(super) fn hand(
    promise: &JsValue,
    rules: NativeRules,
    take: impl FnOnce(Settled) + 'static,
) -> Reserved {
    let settle = |native: &Native, number, deliver: &Closure<Deliver>| {
        native.settle(promise, rules.bits(), number, deliver);
    };
    begin(Slot::Handed(Box::new(take)), settle)
}

/// A slot, by its number. It is gone when this is dropped: the request that would settle it may be over.
pub(super) struct Reserved(u32);

impl Drop for Reserved {
    fn drop(&mut self) {
        let gone = SLOTS.with_borrow_mut(|slots| slots.slots.remove(&self.0));
        if let Some(Slot::Done(settled)) = gone {
            settled.give_up();
        }
    }
}

impl Settled {
    /// Gives back what nobody waits for any more.
    fn give_up(&self) {
        let caps = self.caps.iter().flat_map(Array::iter);
        DISPOSAL.with(|disposal| caps.for_each(|cap| disposal.give_up(&cap)));
    }
}

/// Waits for what a promise becomes.
pub(super) struct Settling(Reserved);

impl Settling {
    pub(super) fn new(promise: &JsValue, rules: NativeRules) -> Self {
        Settling::begin(|native, number, deliver| {
            native.settle(promise, rules.bits(), number, deliver);
        })
    }

    /// Waits for an element of the list that a promise becomes.
    pub(super) fn element(promise: &JsValue, index: &str, rules: NativeRules) -> Self {
        Settling::begin(|native, number, deliver| {
            native.element(promise, index, rules.bits(), number, deliver);
        })
    }

    /// Waits for what a reader reads next.
    pub(super) fn read(reader: &JsValue, rules: NativeRules) -> Self {
        Settling::begin(|native, number, deliver| {
            native.read(reader, rules.bits(), number, deliver);
        })
    }

    fn begin(run: impl FnOnce(&Native, u32, &Closure<Deliver>)) -> Self {
        Settling(begin(Slot::Waiting(None), run))
    }
}

fn begin(slot: Slot, run: impl FnOnce(&Native, u32, &Closure<Deliver>)) -> Reserved {
    let number = SLOTS.with_borrow_mut(|slots| {
        slots.last = slots.last.wrapping_add(1);
        slots.slots.insert(slots.last, slot);
        slots.last
    });
    NATIVE.with(|native| DELIVER.with(|deliver| run(native, number, deliver)));
    Reserved(number)
}

impl Future for Settling {
    type Output = Settled;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Settled> {
        let Reserved(number) = &self.0;
        SLOTS.with_borrow_mut(|Slots { slots, .. }| match slots.get_mut(number) {
            Some(Slot::Waiting(waker)) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => match slots.remove(number) {
                Some(Slot::Done(settled)) => Poll::Ready(settled),
                // It was ready before.
                _ => Poll::Pending,
            },
        })
    }
}

/// Added to the outcome where a long text comes in UTF-8, in place of bytes.
const IS_LONG: u32 = 4;

fn deliver(number: u32, text: String, caps: Option<Array>, outcome: u32, bytes: Option<Vec<u8>>) {
    let (text, bytes) = match bytes {
        Some(text) if outcome >= IS_LONG => (instance::decoded(text), None),
        bytes => (text, bytes),
    };
    let outcome = match outcome % IS_LONG {
        0 => Outcome::Resolved,
        1 => Outcome::Rejected,
        2 => Outcome::Broken,
        _ => Outcome::Done,
    };
    let settled = Settled { text, caps, outcome, bytes };
    instance::run_owed(|| executor::within(|| pass(number, settled)));
}

fn pass(number: u32, settled: Settled) {
    let slot = SLOTS.with_borrow_mut(|slots| slots.slots.remove(&number));
    match slot {
        Some(Slot::Handed(take)) => take(settled),
        Some(Slot::Waiting(waker)) => {
            let done = Slot::Done(settled);
            SLOTS.with_borrow_mut(|slots| slots.slots.insert(number, done));
            waker.into_iter().for_each(Waker::wake);
        }
        Some(Slot::Done(_)) | None => settled.give_up(),
    }
}
