//! One peer, driven with text.

use std::cell::RefCell;
use std::rc::Rc;

use futures::executor::block_on;
use topsail::{Outbox, Peer, RpcSessionOptions, RpcTarget, Transport};

/// Keeps what is sent, a message an element.
#[derive(Clone, Default)]
pub(crate) struct Sent(Rc<RefCell<Vec<String>>>);

impl Sent {
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl Transport for Sent {
    fn send(&self, messages: &Outbox) {
        self.0.borrow_mut().extend(messages.messages().map(str::to_owned));
    }
}

/// A peer that serves an object, and what it sends.
pub(crate) fn serve(main: Rc<dyn RpcTarget>) -> (Peer, Sent) {
    let sent = Sent::default();
    let peer = Peer::new(Some(main), sent.clone(), RpcSessionOptions::default());
    (peer, sent)
}

/// A peer without an object of its own, and what it sends.
pub(crate) fn client() -> (Peer, Sent) {
    let sent = Sent::default();
    (Peer::new(None, sent.clone(), RpcSessionOptions::default()), sent)
}

/// What a client is answered that asks an object for a member: `["name"]` reads it,
/// `["name"],[1,2]` calls it, `[],[1]` calls the object itself. The answer is the expression of a
/// result, or of an error.
pub(crate) fn ask(main: impl RpcTarget, member: &str) -> String {
    let (peer, sent) = serve(Rc::new(main));
    peer.recv(&format!(r#"["push",["pipeline",0,{member}]]"#));
    peer.recv(r#"["pull",1]"#);
    block_on(peer.drained());
    match sent.take().as_slice() {
        [answer] => answered(answer).to_owned(),
        other => panic!("one answer expected: {other:?}"),
    }
}

fn answered(message: &str) -> &str {
    let expression = message
        .strip_prefix(r#"["resolve",1,"#)
        .or_else(|| message.strip_prefix(r#"["reject",1,"#))
        .and_then(|rest| rest.strip_suffix(']'));
    expression.unwrap_or_else(|| panic!("no answer: {message}"))
}
