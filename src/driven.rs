//! What drives a session may be dropped before its end, with the request that it ran in.

use topsail_core::Peer;

struct Unfinished(Option<Peer>);

/// Runs what drives a session. If it is dropped before its end, all goes that the session has of this side:
/// methods that hold stubs of the session would hold it, too.
pub(crate) async fn driven<T>(peer: Peer, run: impl Future<Output = T>) -> T {
    let mut unfinished = Unfinished(Some(peer));
    let result = run.await;
    unfinished.0 = None;
    result
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(peer) = self.0.take() {
            peer.abandon();
        }
    }
}
