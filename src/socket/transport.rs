use std::cell::RefCell;
use std::rc::Rc;

use topsail_core::{Frame, Outbox, RpcError, Transport};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;

use super::reason::close_reason;
use crate::instance;

#[wasm_bindgen(module = "/src/socket/chunk.js")]
extern "C" {
    /// Sends a message with the base64 of bytes in it. False if the runtime has no base64; fails on a
    /// socket that is closed.
    #[wasm_bindgen(catch, js_name = sendChunk)]
    fn send_chunk(
        socket: &WebSocket,
        head: &str,
        bytes: &[u8],
        tail: &str,
    ) -> Result<bool, JsValue>;
}

/// The code of the close frame when the session ends by an error, as in npm `capnweb`.
const SESSION_ENDED: u16 = 3000;

/// Sends messages on a WebSocket, each in a frame of its own. A clone is the same transport.
#[derive(Clone)]
pub(crate) struct SocketTransport {
    socket: WebSocket,
    /// What is done once the socket is open. `None` from then on.
    queue: Rc<RefCell<Option<Queue>>>,
}

#[derive(Default)]
struct Queue {
    messages: Outbox,
    /// The reason with which the socket is closed behind the messages, if it is.
    close: Option<String>,
}

impl SocketTransport {
    /// For a socket that is open.
    pub(crate) fn open(socket: WebSocket) -> Self {
        SocketTransport { socket, queue: Rc::default() }
    }

    /// For a socket that may still be connecting.
    pub(crate) fn new(socket: WebSocket) -> Self {
        let connecting = socket.ready_state() == WebSocket::CONNECTING;
        let queue = Rc::new(RefCell::new(connecting.then(Queue::default)));
        SocketTransport { socket, queue }
    }

    /// The socket is open now: does what was queued.
    pub(crate) fn opened(&self) {
        let queue = self.queue.take().unwrap_or_default();
        if !queue.messages.is_empty() {
            self.send_frames(&queue.messages);
        }
        if let Some(reason) = queue.close {
            self.send_close(&reason);
        }
    }

    /// All in one call of JavaScript, unless bytes of streams are among them. Nothing is sent on a
    /// socket that is closed, whose event ends the session.
    #[inline(never)]
    fn send_frames(&self, messages: &Outbox) {
        match messages.without_bytes() {
            Some(lines) => instance::send(&self.socket, lines),
            None => messages.frames().for_each(|frame| self.send_frame(frame)),
        }
    }

    fn send_frame(&self, frame: Frame<'_>) {
        if let Frame::Bytes(head, bytes, tail) = frame
            && !matches!(send_chunk(&self.socket, head, bytes, tail), Ok(false))
        {
            return;
        }
        instance::send(&self.socket, &frame.text());
    }

    fn send_close(&self, reason: &str) {
        // Fails only on a socket that is closed.
        let reason = close_reason(reason);
        let _ = self.socket.close_with_code_and_reason(SESSION_ENDED, reason);
    }
}

impl Transport for SocketTransport {
    fn send(&self, messages: &Outbox) {
        match &mut *self.queue.borrow_mut() {
            Some(queue) => queue.messages.append(messages),
            None => self.send_frames(messages),
        }
    }

    fn close(&self, error: &RpcError) {
        match &mut *self.queue.borrow_mut() {
            Some(queue) => queue.close = Some(error.message().to_owned()),
            None => self.send_close(error.message()),
        }
    }
}
