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

    /// The session has ended, and nothing more will be sent. What tells the peer why, if anything
    /// does, was sent before. Called once, after which the session drops the transport.
    fn close(&self, _error: &RpcError) {}
}
