//! Single values, outside of calls.

use js_sys::Array;
use serde::de::DeserializeOwned;
use topsail_core::__private::decode;
use topsail_core::{Headers, IntoRpc, Request, Response, RpcError};
use wasm_bindgen::{JsCast, JsValue};

use super::js::ENCODER;
use super::rules::NativeRules;
use super::stub::NativeStub;
use super::value::{self, Way};
use crate::instance;

/// A value of Rust as one of JavaScript: a [`Request`], [`Response`], `Headers` or `Blob` as the
/// object of that class, streams as a `ReadableStream` and a `WritableStream`, a stub as a native function
/// and object, data as data.
///
/// Chunks may be anything. A `ReadableStream` that is made here has no byte-oriented controller (and so no
/// reader of mode `byob`); the runtime takes it as a body and sends it by Workers RPC as long as its chunks
/// are bytes or text.
///
/// # Errors
///
/// If it cannot be encoded, or JavaScript refuses it.
///
/// ```no_run
/// use topsail::{Bytes, RpcError, RpcReadable, native};
///
/// fn body(lines: RpcReadable<Bytes>) -> Result<web_sys::ReadableStream, RpcError> {
///     Ok(native::to_js(lines)?.into())
/// }
/// ```
pub fn to_js(value: impl IntoRpc) -> Result<JsValue, RpcError> {
    instance::start();
    value::to_js(&value.into_rpc()?, NativeRules::default(), Way::Here).map_err(value::error)
}

/// A value of JavaScript as one of Rust: whatever an argument of that type could be, read as by
/// [`NativeRules`]. Streams are locked by it, and native stubs belong to the result.
///
/// # Errors
///
/// A `TypeError` if it is of no type that can be sent, or does not fit.
///
/// ```no_run
/// use topsail::{Bytes, RpcError, RpcReadable, native};
///
/// fn chunks(stream: web_sys::ReadableStream) -> Result<RpcReadable<Bytes>, RpcError> {
///     native::from_js(&stream)
/// }
/// ```
pub fn from_js<T: DeserializeOwned>(object: &JsValue) -> Result<T, RpcError> {
    instance::start();
    let (caps, rules) = (Array::new(), NativeRules::default());
    let text = ENCODER.with(|encoder| encoder.encode(object, &caps, rules.bits()));
    let text = text.map_err(value::error)?;
    decode(value::from_parts(text, Some(&caps), |object| NativeStub::new_raw(object, rules)))
}

/// Headers of `worker` as plain data.
///
/// # Errors
///
/// A `TypeError` for headers that could not be sent, which JavaScript makes none of.
pub fn headers_from_worker(headers: &worker::Headers) -> Result<Headers, RpcError> {
    from_js(&headers.0)
}

/// Headers as those of `worker`.
///
/// # Errors
///
/// A `TypeError` if JavaScript refuses them.
pub fn headers_into_worker(headers: Headers) -> Result<worker::Headers, RpcError> {
    Ok(worker::Headers(to_js(headers)?.unchecked_into()))
}

/// A request of `worker` as plain data, to be sent or looked at. Its body is a stream that is not
/// read yet.
///
/// Method, headers and body are taken over, and whatever npm `capnweb` sends of a request: `redirect`, `cf`
/// (of a request that has come in all that the runtime says of it), `cache` and `integrity`. Neither sends
/// the signal. workerd does not tell what was set of `encodeResponseBody`, nor of what it ignores (`mode`,
/// `credentials`, `referrer`, `referrerPolicy`, `keepalive`); [`Request::set_init`] adds them.
///
/// # Errors
///
/// A `TypeError` if the body was read before.
pub fn request_from_worker(request: worker::Request) -> Result<Request, RpcError> {
    let request = web_sys::Request::try_from(request)?;
    from_js(&request)
}

/// A request that was received as one of `worker`, for example to be given to
/// [`worker::Fetch`]. Its body is passed on chunk by chunk, and all of its `init` is given to the
/// constructor of JavaScript, which in workerd refuses an `integrity` and ignores `mode`, `credentials`,
/// `referrer`, `referrerPolicy` and `keepalive`.
///
/// # Errors
///
/// What JavaScript throws if it refuses it.
pub fn request_into_worker(request: Request) -> Result<worker::Request, RpcError> {
    Ok(to_js(request)?.unchecked_into::<web_sys::Request>().into())
}

/// A response of `worker` as plain data: what a method gives to send it. Its body is a stream that
/// is not read yet.
///
/// Status, status text, headers, `cf` and body are taken over. workerd does not tell what was set of
/// `encodeBody`, which npm `capnweb` would send too; [`Response::set_init`] adds it.
///
/// # Errors
///
/// A `TypeError` if the body was read before, or if there is a WebSocket.
///
/// ```no_run
/// use topsail::prelude::*;
/// use topsail::{Request, Response, native};
///
/// struct Proxy;
///
/// #[rpc_target]
/// impl Proxy {
///     pub async fn fetch(&self, request: Request) -> Result<Response, RpcError> {
///         let request = native::request_into_worker(request)?;
///         native::response_from_worker(worker::Fetch::Request(request).send().await?)
///     }
/// }
/// ```
pub fn response_from_worker(response: worker::Response) -> Result<Response, RpcError> {
    from_js(&web_sys::Response::from(response))
}

/// A response that was received as one of `worker`. Its body is passed on chunk by chunk, and all of
/// its `init` is given to the constructor of JavaScript.
///
/// # Errors
///
/// A `TypeError` if JavaScript refuses it.
pub fn response_into_worker(response: Response) -> Result<worker::Response, RpcError> {
    Ok(to_js(response)?.unchecked_into::<web_sys::Response>().into())
}
