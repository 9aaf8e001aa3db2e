//! Reading a request's body: one call of JavaScript, and one back with the whole text. A `JsFuture`
//! would make two closures for every request, which costs more than a small batch itself.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::Request;

use crate::{executor, instance};

/// Takes a body: the number of the reading, and a text or bytes, or why there are none.
pub(crate) type OnBody = dyn Fn(u32, Option<String>, Option<Vec<u8>>, JsValue);

thread_local! {
    static LAST: Cell<u32> = const { Cell::new(0) };
    /// Few: one for each request whose body is not there yet.
    static READINGS: RefCell<Vec<Reading>> = const { RefCell::new(Vec::new()) };
    static ON_BODY: Closure<OnBody> = Closure::wrap_assert_unwind_safe(Box::new(arrived));
}

struct Reading {
    number: u32,
    state: State,
}

enum State {
    Waiting(Waker),
    Done(Result<String, JsValue>),
}

/// The text of a request's body, which is read from the first poll on. What is not UTF-8 in it is U+FFFD.
pub(crate) struct Body<'a> {
    request: &'a Request,
    number: Option<u32>,
}

impl<'a> Body<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        Body { request, number: None }
    }

    fn start(&mut self, waker: &Waker) {
        let number = LAST.get().wrapping_add(1);
        LAST.set(number);
        self.number = Some(number);
        put(number, State::Waiting(waker.clone()));
        ON_BODY.with(|on_body| instance::read(self.request, number, on_body));
    }
}

impl Future for Body<'_> {
    type Output = Result<String, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(number) = self.number else {
            self.start(cx.waker());
            return Poll::Pending;
        };
        match take(number) {
            Some(State::Done(result)) => Poll::Ready(result),
            _ => {
                put(number, State::Waiting(cx.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.number.and_then(take);
    }
}

fn arrived(number: u32, text: Option<String>, bytes: Option<Vec<u8>>, error: JsValue) {
    // Nobody waits any more if the request was given up.
    let Some(State::Waiting(waker)) = take(number) else { return };
    let body = text.or_else(|| bytes.map(decoded));
    put(number, State::Done(body.ok_or(error)));
    instance::run_owed(|| executor::within(|| waker.wake()));
}

/// As the runtime decodes short bodies: JavaScript does what is not in the bytes of most clients.
fn decoded(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) if text.starts_with('\u{feff}') => instance::decode(text.as_bytes()),
        Ok(text) => text,
        Err(error) => instance::decode(error.as_bytes()),
    }
}

fn put(number: u32, state: State) {
    READINGS.with_borrow_mut(|readings| readings.push(Reading { number, state }));
}

fn take(number: u32) -> Option<State> {
    READINGS.with_borrow_mut(|readings| {
        let at = readings.iter().position(|reading| reading.number == number)?;
        Some(readings.swap_remove(at).state)
    })
}
