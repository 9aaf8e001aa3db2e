use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use topsail_core::{Outbox, Peer, RpcError, RpcSessionOptions, RpcStub, Transport};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response, WorkerGlobalScope};
use worker::Delay;

use crate::batch::append_lines;
use crate::instance;

/// Opens a session of one HTTP batch and gives the stub of the other side's main object.
///
/// Everything that is called until the running code next waits for something outside (a timer,
/// the network; strictly, until the event loop's next task) goes out in one POST. Calls on
/// results that are not there yet are pipelined and go along. What is to be answered must have
/// been polled by then: await the promises together (`futures::join!`), or only the last.
///
/// Calls made later reject with `Batch RPC request ended.`, as with npm `capnweb`; so do all when
/// the answer lacks them. A status outside 200 to 299 rejects them with
/// `RPC request failed: STATUS TEXT`. The other side cannot call back: there is no way to it.
///
/// Nothing is sent when nothing was called.
///
/// ```no_run
/// use topsail::prelude::*;
/// # async fn example() -> Result<(), RpcError> {
/// let api: RpcStub = new_http_batch_rpc_session("https://api.example/", RpcSessionOptions::default());
/// let user = api.call::<topsail::Value>("authenticate", ("secret",));
/// let name: String = user.get("name").await?;
/// # Ok(())
/// # }
/// ```
pub fn new_http_batch_rpc_session<T: ?Sized>(
    url: impl Into<String>,
    options: RpcSessionOptions,
) -> RpcStub<T> {
    start(url.into(), options).remote_main()
}

fn start(url: String, options: RpcSessionOptions) -> Peer {
    instance::start();
    let batch = Rc::new(RefCell::new(Some(String::new())));
    let peer = Peer::new(None, BatchTransport(Rc::clone(&batch)), options);
    instance::spawn(peer.run());
    instance::spawn(exchange(url, batch, peer.clone()));
    peer
}

/// Sends the batch once it is complete, and ends the session with the answer.
async fn exchange(url: String, batch: Rc<RefCell<Option<String>>>, peer: Peer) {
    Delay::from(Duration::ZERO).await;
    let text = batch.take().unwrap_or_default();
    if !text.is_empty() {
        match post(&url, &text).await {
            Ok(answer) => peer.recv_batch(&answer),
            Err(error) => return peer.disconnected(error),
        }
    }
    peer.disconnected(RpcError::error("Batch RPC request ended."));
}

async fn post(url: &str, batch: &str) -> Result<String, RpcError> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(batch));
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(global.fetch_with_str_and_init(url, &init)).await;
    let response: Response = response.map_err(js_error)?.unchecked_into();
    if !response.ok() {
        return Err(refused(&response));
    }
    let text = JsFuture::from(response.text().map_err(js_error)?).await.map_err(js_error)?;
    Ok(text.as_string().unwrap_or_default())
}

/// The message of npm `capnweb`. An unread body would keep the connection.
fn refused(response: &Response) -> RpcError {
    if let Some(body) = response.body() {
        let _ = body.cancel();
    }
    let (status, text) = (response.status(), response.status_text());
    RpcError::error(format!("RPC request failed: {status} {text}"))
}

fn js_error(error: JsValue) -> RpcError {
    RpcError::from(worker::Error::from(error))
}

/// Collects the messages, one a line, until they are sent. Later ones go nowhere.
struct BatchTransport(Rc<RefCell<Option<String>>>);

impl Transport for BatchTransport {
    fn send(&self, messages: &Outbox) {
        if let Some(text) = &mut *self.0.borrow_mut() {
            append_lines(text, messages);
        }
    }
}
