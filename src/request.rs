use worker::Result;

use crate::reply::Reply;

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
