use std::cell::RefCell;
use std::rc::Rc;

use topsail_core::{Peer, RpcError};
use web_sys::WebSocket;

use super::SocketTransport;
use crate::instance::{self, OnEvent};

/// The kinds of events, as `instance.js` has them.
const TEXT: u32 = 0;
const BINARY: u32 = 1;
const CLOSE: u32 = 2;
const ERROR: u32 = 3;
const OPEN: u32 = 4;

/// Gives the peer what arrives on the socket until it is closed. Every message is a whole turn
/// inside its event, so that what answers it is sent at once. `after` runs after every message.
pub(crate) fn listen(
    socket: &WebSocket,
    transport: SocketTransport,
    peer: Peer,
    after: impl Fn() + 'static,
) {
    let slot = Rc::new(RefCell::new(None));
    let own = Rc::clone(&slot);
    let on_event: Box<OnEvent> = Box::new(move |kind, code, text| match kind {
        TEXT => {
            peer.recv(&text);
            after();
        }
        BINARY => peer.abort(unexpected_binary()),
        OPEN => transport.opened(),
        CLOSE | ERROR => {
            // The last event: the socket, the peer and this closure hold each other until here.
            drop(own.take());
            peer.disconnected(disconnect(kind, code, &text));
        }
        _ => {}
    });
    slot.replace(Some(instance::listen(socket, on_event)));
}

/// The message of npm `capnweb`, which takes bytes only with an encoding of the application's own.
fn unexpected_binary() -> RpcError {
    RpcError::type_error("Received unexpected message type from WebSocket.")
}

/// The messages of npm `capnweb`.
fn disconnect(kind: u32, code: u32, reason: &str) -> RpcError {
    match kind {
        CLOSE => RpcError::error(format!("Peer closed WebSocket: {code} {reason}")),
        _ => RpcError::error("WebSocket connection failed."),
    }
}
