//! What a future gives to JavaScript: the value if it is ready at once, otherwise a promise. The runtime
//! takes either, and a promise is dear: it is settled by a microtask, and followed by another.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use js_sys::Promise;
use wasm_bindgen::JsValue;

use crate::executor;
use crate::instance::{self, Asked};

/// A future for JavaScript, with the value or what is thrown.
pub(crate) type Answering = LocalBoxFuture<'static, Result<JsValue, JsValue>>;

/// Where the result is put.
enum Place {
    Empty,
    Done(Result<JsValue, JsValue>),
    /// By the number of its task.
    Promised(u32),
}

/// The value of a future, or a promise of it that rejects if the instance is lost.
///
/// The future runs at once, up to where it waits for something, and then as a task of the instance,
/// within the event that it has waited for. Whoever calls holds nothing that code of the application
/// could want.
pub(crate) fn value(future: Answering) -> JsValue {
    answer(future, Asked::Call)
}

/// As [`value`], of what a stream of JavaScript asks for.
pub(crate) fn of_stream(future: Answering) -> JsValue {
    answer(future, Asked::Stream)
}

/// As [`value`], of a response: with status 500 if the instance is lost.
pub(crate) fn response(future: Answering) -> JsValue {
    answer(future, Asked::Request)
}

fn answer(future: Answering, asked: Asked) -> JsValue {
    let place = Rc::new(RefCell::new(Place::Empty));
    let own = Rc::clone(&place);
    let task = executor::begin(Box::pin(async move { put(&own, future.await) }));
    match place.replace(Place::Empty) {
        Place::Done(Ok(value)) => value,
        Place::Done(Err(error)) => Promise::reject(&error).into(),
        _ => {
            place.replace(Place::Promised(task.number()));
            instance::later(task.number(), asked)
        }
    }
}

fn put(place: &RefCell<Place>, result: Result<JsValue, JsValue>) {
    match place.replace(Place::Empty) {
        Place::Promised(number) => instance::settle(number, result),
        _ => drop(place.replace(Place::Done(result))),
    }
}
