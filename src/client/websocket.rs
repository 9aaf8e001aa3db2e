use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use topsail_core::{Peer, RpcError, RpcSessionOptions, RpcStub, RpcTarget};
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::driven::Driven;
use crate::instance;
use crate::socket::{SocketTransport, listen};

/// Opens a session over an outgoing WebSocket and gives the stub of the other side's main object.
///
/// `socket` is an address (`wss://…`, `ws://…`) or a [`worker::WebSocket`], accepted or not, of
/// which the session takes over all events. `local_main` is the object that the other side gets as
/// its main object, if any; most clients pass `None`.
///
/// Calls may be made at once: they are sent as soon as the socket is open. If it cannot be opened,
/// or is closed, calls reject with `Peer closed WebSocket: CODE REASON` or
/// `WebSocket connection failed.`, as with npm `capnweb`; [`RpcStub::on_broken`] tells when.
///
/// The session lives as long as this side holds a stub or a promise of it, or the other side one of
/// an object that was given to it; `local_main` alone does not count. Then the socket is closed with
/// code 3000, as npm `capnweb` does when the main stub is disposed of.
///
/// ```no_run
/// use topsail::prelude::*;
/// # async fn example() -> Result<(), RpcError> {
/// let api: RpcStub = new_websocket_rpc_session("wss://api.example/", None, RpcSessionOptions::default());
/// let sum: f64 = api.call("add", (1, 2)).await?;
/// # Ok(())
/// # }
/// ```
pub fn new_websocket_rpc_session<T: ?Sized>(
    socket: impl Into<ClientSocket>,
    local_main: Option<Rc<dyn RpcTarget>>,
    options: RpcSessionOptions,
) -> RpcStub<T> {
    connect(socket.into(), local_main, options).remote_main()
}

/// What [`new_websocket_rpc_session`] opens a session on: an address or a socket.
pub struct ClientSocket(Result<WebSocket, JsValue>);

impl From<&str> for ClientSocket {
    fn from(url: &str) -> Self {
        ClientSocket(WebSocket::new(url))
    }
}

impl From<String> for ClientSocket {
    fn from(url: String) -> Self {
        Self::from(url.as_str())
    }
}

impl From<worker::WebSocket> for ClientSocket {
    fn from(socket: worker::WebSocket) -> Self {
        // Fails only when the application has accepted it.
        let _ = socket.accept();
        ClientSocket(Ok(socket.as_ref().clone()))
    }
}

fn connect(
    socket: ClientSocket,
    main: Option<Rc<dyn RpcTarget>>,
    options: RpcSessionOptions,
) -> Peer {
    instance::start();
    match socket.0 {
        Ok(socket) => attach(&socket, main, options),
        Err(error) => unconnected(&error, main, options),
    }
}

fn attach(socket: &WebSocket, main: Option<Rc<dyn RpcTarget>>, options: RpcSessionOptions) -> Peer {
    let transport = SocketTransport::new(socket);
    let peer = Peer::new(main, transport.clone(), options);
    let driver = instance::spawn(Driven::new(&peer, run(peer.clone())));
    let own = peer.clone();
    listen(socket, false, transport, peer.clone(), driver, move || end_if_unused(&own));
    peer
}

async fn run(peer: Peer) {
    let mut run = pin!(peer.run());
    poll_fn(|cx| {
        let polled = run.as_mut().poll(cx);
        end_if_unused(&peer);
        polled
    })
    .await;
}

/// A socket that nobody uses would stay open as long as the request or object that opened it.
fn end_if_unused(peer: &Peer) {
    if peer.closed().is_none() && peer.is_unused() {
        peer.disconnected(RpcError::error("RPC session was shut down: its last stub was dropped."));
    }
}

/// A session that has ended before it began: its calls reject with the reason.
fn unconnected(
    error: &JsValue,
    main: Option<Rc<dyn RpcTarget>>,
    options: RpcSessionOptions,
) -> Peer {
    let peer = Peer::new(main, NoTransport, options);
    instance::spawn(peer.run());
    peer.disconnected(RpcError::from(worker::Error::from(error.clone())));
    peer
}

struct NoTransport;

impl topsail_core::Transport for NoTransport {
    fn send(&self, _messages: &topsail_core::Outbox) {}
}
