use std::rc::Rc;

use topsail_core::{BytesChunk, Peer, RpcError};
use web_sys::WebSocket;

use super::SocketTransport;
use super::listeners::{self, Listener};
use crate::executor::{self, TaskHandle};
use crate::instance;

/// The kinds of events, as `instance.js` has them.
const TEXT: u32 = 0;
const BINARY: u32 = 1;
pub(super) const CLOSE: u32 = 2;
pub(super) const ERROR: u32 = 3;
const OPEN: u32 = 4;
const CHUNK: u32 = 5;

/// Gives the peer what arrives on the socket until it is closed. Every message is a whole turn
/// inside its event, so that what answers it is sent at once. `after` runs after every message.
/// `is_own` says that nobody else has ever had the socket.
pub(crate) fn listen(
    socket: &WebSocket,
    is_own: bool,
    transport: SocketTransport,
    peer: Peer,
    driver: TaskHandle,
    after: impl Fn() + 'static,
) {
    let listener: Rc<Listener> = Rc::new(move |kind, code, text, bytes| match kind {
        TEXT => {
            peer.recv(&bytes.map_or(text, instance::decoded));
            after();
        }
        CHUNK => {
            peer.recv_chunk(BytesChunk { pipe: code, bytes: bytes.unwrap_or_default() });
            after();
        }
        BINARY => peer.abort(unexpected_binary()),
        OPEN => transport.opened(),
        CLOSE | ERROR => {
            let error = disconnect((kind == CLOSE).then_some(code), &text);
            executor::within(|| peer.disconnected(error));
            // The request that opened the socket may end now, whatever runs.
            driver.end_with_request();
        }
        _ => {}
    });
    listeners::add(socket, is_own, listener);
}

/// The message of npm `capnweb`, which takes bytes only with an encoding of the application's own.
pub(crate) fn unexpected_binary() -> RpcError {
    RpcError::type_error("Received unexpected message type from WebSocket.")
}

/// The messages of npm `capnweb`: for a socket that was closed with a code, or that failed.
pub(crate) fn disconnect(code: Option<u32>, reason: &str) -> RpcError {
    RpcError::error(match code {
        Some(code) => format!("Peer closed WebSocket: {code} {reason}"),
        None => String::from("WebSocket connection failed."),
    })
}

/// Ends the closing handshake, where the runtime does not do that by itself.
pub(crate) fn answer_close(socket: &WebSocket, code: u32, reason: &str) {
    // They fail on a socket that is closed already: that is what was wanted.
    let _ = match code {
        1005 | 1006 => socket.close(),
        _ => socket.close_with_code_and_reason(code as u16, reason),
    };
}
