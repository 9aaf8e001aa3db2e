use js_sys::Array;
use topsail_core::{RpcError, RpcPromise, RpcSessionOptions, RpcStub};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RequestInit;
use worker::Stub;
use worker::worker_sys::DurableObject;
use worker::worker_sys::ext::ResponseExt;

use super::new_websocket_rpc_session;
use crate::instance;
use crate::request::{RawRequest, RawResponse};

/// The object does not look at it.
const ADDRESS: &str = "https://durable-object/";

/// Opens a session with a Durable Object that serves Cap'n Web, over a WebSocket, and gives the stub
/// of its main object.
///
/// Calls may be made at once, and the stub may be given to a client, whose callbacks the object can
/// keep as those of any client, also through hibernation. Calls reject if the object cannot be
/// reached or does not answer with a WebSocket.
///
/// The session lives as [`new_websocket_rpc_session`] says, and no longer than the request in which
/// it was opened.
pub fn new_durable_object_rpc_session<T: ?Sized>(
    object: Stub,
    options: RpcSessionOptions,
) -> RpcStub<T> {
    instance::start();
    RpcPromise::<RpcStub>::from_future(connect(object, options)).stub()
}

async fn connect(object: Stub, options: RpcSessionOptions) -> Result<RpcStub, RpcError> {
    let upgrade = upgrade().map_err(worker::Error::from)?;
    let response = fetch_durable_object(object, &upgrade).await?;
    let status = response.status();
    let socket = response
        .websocket()
        .ok_or_else(|| RpcError::error(format!("The Durable Object answered with {status}.")))?;
    Ok(new_websocket_rpc_session(worker::WebSocket::from(socket), None, options))
}

/// Passes a request on to a Durable Object, as it is: what [`Stub::fetch_with_request`] does with the
/// types of `worker`, which bring 40 KB of Wasm.
///
/// # Errors
///
/// What the runtime rejects with: above all, what the object has thrown.
pub async fn fetch_durable_object(
    object: Stub,
    request: &RawRequest,
) -> worker::Result<RawResponse> {
    let object = object.into_rpc::<DurableObject>();
    let response = JsFuture::from(object.fetch_with_request(request)?).await?;
    Ok(response.unchecked_into())
}

/// A request for a WebSocket. The `RequestInit` of `worker` would bring 8 KB of Wasm for what else it can hold.
fn upgrade() -> Result<RawRequest, JsValue> {
    let init = RequestInit::new();
    let header = Array::of2(&"Upgrade".into(), &"websocket".into());
    init.set_headers(&Array::of1(&header));
    RawRequest::new_with_str_and_init(ADDRESS, &init)
}
