use wasm_bindgen::prelude::wasm_bindgen;
use worker::Result;

use crate::reply::Reply;

#[wasm_bindgen(module = "/src/method.js")]
extern "C" {
    type Methods;

    #[wasm_bindgen(thread_local_v2, js_name = methods)]
    static METHODS: Methods;

    #[wasm_bindgen(method)]
    fn of(this: &Methods, request: &RawRequest) -> u32;
}

/// The method of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Other,
}

impl Method {
    pub(crate) fn of(request: &RawRequest) -> Self {
        match METHODS.with(|methods| methods.of(request)) {
            1 => Method::Get,
            2 => Method::Post,
            _ => Method::Other,
        }
    }
}

/// A request as the runtime has it: `web_sys::Request`.
///
/// A handler that takes one and gives a [`RawResponse`] costs less than one with the types of
/// `worker`, which counts where a batch is small: `worker::Request` reads method, URL, headers and `request.cf`
/// of every request, and `worker::Response` is built in several calls of JavaScript. One is made into
/// the other by `into()`.
pub type RawRequest = web_sys::Request;

/// A response as the runtime takes it: `web_sys::Response`.
pub type RawResponse = web_sys::Response;

/// What a handler may get its requests as: [`RawRequest`] or `worker::Request`. It answers with a
/// response of the same kind.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no request that can be answered here",
    label = "neither a `RawRequest` nor a `worker::Request`",
    note = "an `http::Request`, as axum has it, becomes one by `worker::Request::try_from`"
)]
pub trait IncomingRequest: Sized {
    /// The kind of response.
    type Response;

    #[doc(hidden)]
    fn raw(&self) -> &RawRequest;

    #[doc(hidden)]
    fn answer(reply: Reply) -> Result<Self::Response>;
}

impl IncomingRequest for RawRequest {
    type Response = RawResponse;

    fn raw(&self) -> &RawRequest {
        self
    }

    fn answer(reply: Reply) -> Result<RawResponse> {
        Ok(reply.into_raw())
    }
}

impl IncomingRequest for worker::Request {
    type Response = worker::Response;

    fn raw(&self) -> &RawRequest {
        self.inner()
    }

    fn answer(reply: Reply) -> Result<worker::Response> {
        reply.into_worker()
    }
}
