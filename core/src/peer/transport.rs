use crate::RpcError;
use crate::proto::Outbox;

/// The way to the peer, seen from a session.
///
/// Both functions are called while nothing of the session is borrowed. They may not block: a
/// transport that has to wait keeps the text and sends it later, in order.
pub trait Transport {
    /// Sends messages, in order. Empty [`Outbox`]es are not sent.
    ///
    /// A transport with frames of its own (WebSocket) sends each of
    /// [`messages`](Outbox::messages) in one; a batch sends the whole text.
    fn send(&self, messages: &Outbox);

    /// Whether a turn of the session may run outside of the futures that drive it, where
    /// [`Settle::settle`](super::Settle::settle) is called: what it leads to is sent, and needs nothing
    /// else to be done.
    fn needs_no_driver(&self) -> bool {
        false
    }

    /// The session has ended, and nothing more will be sent. What tells the peer why, if anything
    /// does, was sent before. Called once, after which the session drops the transport.
    fn close(&self, _error: &RpcError) {}
}
