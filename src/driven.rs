//! What drives a session may be dropped before its end, with the request that it ran in.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::LocalBoxFuture;
use topsail_core::Peer;

/// What drives a session. If it is dropped before its end, all goes that the session has of this side:
/// methods that hold stubs of the session would hold it, too.
pub(crate) struct Driven {
    /// None at the end.
    peer: Option<Peer>,
    run: LocalBoxFuture<'static, ()>,
}

impl Driven {
    pub(crate) fn new(peer: &Peer, run: impl Future<Output = ()> + 'static) -> Self {
        Driven { peer: Some(peer.clone()), run: Box::pin(run) }
    }
}

impl Future for Driven {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.run.as_mut().poll(cx);
        if polled.is_ready() {
            self.peer = None;
        }
        polled
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        if let Some(peer) = self.peer.take() {
            peer.abandon();
        }
    }
}
