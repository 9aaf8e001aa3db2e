use std::cell::RefCell;
use std::rc::Rc;

use topsail_core::{Frame, Outbox, RpcError, Transport};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;

use super::reason::close_reason;

#[wasm_bindgen(module = "/src/socket/outlet.js")]
extern "C" {
    #[derive(Clone)]
    type Outlet;

    #[wasm_bindgen(constructor)]
    fn new(socket: &WebSocket, may_hold: bool) -> Outlet;

    #[wasm_bindgen(method)]
    fn send(this: &Outlet, lines: &str);

    #[wasm_bindgen(method)]
    fn close(this: &Outlet, code: u16, reason: &str);
}

#[wasm_bindgen(module = "/src/socket/chunk.js")]
extern "C" {
    /// Whether it was sent: not if the runtime has no base64.
    #[wasm_bindgen(js_name = sendChunk)]
    fn send_chunk(outlet: &Outlet, head: &str, bytes: &[u8], tail: &str) -> bool;
}

/// The code of the close frame when the session ends by an error, as in npm `capnweb`.
const SESSION_ENDED: u16 = 3000;

/// Sends messages on a WebSocket, each in a frame of its own. A clone is the same transport.
#[derive(Clone)]
pub(crate) struct SocketTransport {
    outlet: Outlet,
    /// What is done once the socket is open. `None` from then on, and for one that was open before.
    queue: Option<Rc<RefCell<Option<Queue>>>>,
}

#[derive(Default)]
struct Queue {
    messages: Outbox,
    /// The reason with which the socket is closed behind the messages, if it is.
    close: Option<String>,
}

impl SocketTransport {
    /// For a socket that was accepted in this event, which lasts as long as the socket does. While
    /// that is busy, what is sent may leave a moment later, together.
    pub(crate) fn accepted(socket: &WebSocket) -> Self {
        SocketTransport { outlet: Outlet::new(socket, true), queue: None }
    }

    /// For another socket that is open: all is sent at once.
    pub(crate) fn open(socket: &WebSocket) -> Self {
        SocketTransport { outlet: Outlet::new(socket, false), queue: None }
    }

    /// For another socket, which may still be connecting.
    pub(crate) fn new(socket: &WebSocket) -> Self {
        let connecting = socket.ready_state() == WebSocket::CONNECTING;
        let queue = connecting.then(|| Rc::new(RefCell::new(Some(Queue::default()))));
        SocketTransport { outlet: Outlet::new(socket, false), queue }
    }

    /// The socket is open now: does what was queued.
    pub(crate) fn opened(&self) {
        let Some(queue) = self.queue.as_ref().and_then(|queue| queue.take()) else { return };
        if !queue.messages.is_empty() {
            self.send_frames(&queue.messages);
        }
        if let Some(reason) = queue.close {
            self.send_close(&reason);
        }
    }

    /// False if the socket is open.
    fn queue(&self, add: impl FnOnce(&mut Queue)) -> bool {
        let Some(queue) = &self.queue else { return false };
        queue.borrow_mut().as_mut().map(add).is_some()
    }

    /// All in one call of JavaScript, unless bytes of streams are among them. Nothing is sent on a
    /// socket that is closed, whose event ends the session.
    #[inline(never)]
    fn send_frames(&self, messages: &Outbox) {
        match messages.without_bytes() {
            Some(lines) => self.outlet.send(lines),
            None => messages.frames().for_each(|frame| self.send_frame(frame)),
        }
    }

    fn send_frame(&self, frame: Frame<'_>) {
        if let Frame::Bytes(head, bytes, tail) = frame
            && send_chunk(&self.outlet, head, bytes, tail)
        {
            return;
        }
        self.outlet.send(&frame.text());
    }

    fn send_close(&self, reason: &str) {
        self.outlet.close(SESSION_ENDED, close_reason(reason));
    }
}

impl Transport for SocketTransport {
    fn send(&self, messages: &Outbox) {
        let is_queued = self.queue(|queue| queue.messages.append(messages));
        if !is_queued {
            self.send_frames(messages);
        }
    }

    fn close(&self, error: &RpcError) {
        let is_queued = self.queue(|queue| queue.close = Some(error.message().to_owned()));
        if !is_queued {
            self.send_close(error.message());
        }
    }
}
