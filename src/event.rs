//! The Worker's handler of requests, behind `#[topsail::event(fetch)]`.

use std::error::Error;
use std::fmt::Display;

use futures::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use worker::{FromRequest, IntoResponse, console_error};

use crate::answer;
use crate::handler;
use crate::instance;
use crate::reply::Reply;
use crate::request::{RawRequest, RawResponse};

type Handled = LocalBoxFuture<'static, Result<RawResponse, String>>;

/// Answers a request by a handler: gives the response, or the promise of it.
///
/// The handler runs at once, up to where it waits for something. As a task of the instance it goes on
/// within the event that it waited for; in a promise of wasm-bindgen it would take two microtasks
/// more, each of which costs more than a small batch does.
pub fn fetch<R, T, E, F>(request: RawRequest, handle: impl FnOnce(R) -> F + 'static) -> JsValue
where
    R: FromRequest,
    T: IntoResponse,
    // Not `Into<Box<dyn Error>>`: with such a box comes all that formats errors for `Debug`.
    E: Display,
    F: Future<Output = Result<T, E>>,
{
    answer(Box::pin(async move {
        let request = R::from_raw(request).map_err(text_of)?;
        let response = handle(request).await.map_err(|error| error.to_string())?;
        response.into_raw().map_err(text_of)
    }))
}

/// Of the crate `worker`, which says no more of it.
fn text_of(error: impl Into<Box<dyn Error>>) -> String {
    error.into().to_string()
}

/// Not generic: it is most of the code.
fn answer(handled: Handled) -> JsValue {
    instance::start();
    let respond = Box::pin(async move { Ok(respond(handled).await.into()) });
    // With a frame of JavaScript around it that answers for a panic, the handler needs none of its own.
    match handler::is_plain() {
        true => instance::run_owed(|| answer::response(respond)).unwrap_or_else(|| failed().into()),
        false => answer::response(respond),
    }
}

/// What goes wrong is logged, and the client told no more than that.
async fn respond(handled: Handled) -> RawResponse {
    match instance::contain(handled).await {
        Some(Ok(response)) => response,
        Some(Err(error)) => {
            console_error!("{error}");
            failed()
        }
        None => failed(),
    }
}

fn failed() -> RawResponse {
    Reply::text(500, "The server failed.").into_raw()
}
