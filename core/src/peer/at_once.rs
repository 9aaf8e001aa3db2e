//! Calls on targets of this process that may be answered at once: plain data goes to a method and comes
//! back through no session.

use std::rc::Rc;

use super::buffers::{Buffers, CallBuffers};
use super::contain::contain;
use super::inner::PeerInner;
use super::raw_stub::Kind;
use super::setting::Entered;
use super::table::Entry;
use super::{Answer, Arguments, Outgoing, RawStub, RpcTarget, local};
use crate::RpcError;
use crate::proto::Path;

/// What a call gives.
pub enum AtOnce {
    /// The result: an error, or data without capabilities.
    Ready(Result<Outgoing, RpcError>),
    /// The promise of the result.
    Promise(RawStub),
}

impl RawStub {
    /// As [`call`](Self::call) of a method, which gives the result itself where it is there at once.
    ///
    /// No call that was made before is overtaken: while one waits, this one waits behind it.
    pub fn call_at_once(&self, method: &str, arguments: Outgoing) -> AtOnce {
        let peer = local::peer();
        if let Kind::Local(target) = &self.kind
            && !arguments.has_caps()
            && !peer.busy.get()
            && !peer.has_work()
            && let Some(at_once) = peer.answer_of(call(&peer, target, method, &arguments))
        {
            return at_once;
        }
        AtOnce::Promise(self.call(&Path::of(method), Ok(arguments)))
    }
}

fn call(
    peer: &PeerInner,
    target: &Rc<dyn RpcTarget>,
    method: &str,
    arguments: &Outgoing,
) -> Answer {
    let _setting = Entered::new(peer.host_setting);
    let mut buffers = Buffers::take();
    let CallBuffers { scratch, holes, caps } = &mut buffers.call;
    let answer = match arguments.parse(scratch, holes) {
        Ok(list) => {
            let arguments = Arguments::new(Some(method), list, holes, caps);
            contain(|| Rc::clone(target).call(method, arguments))
                .unwrap_or_else(|error| Answer::Ready(Err(error)))
        }
        Err(error) => Answer::Ready(Err(error.into())),
    };
    buffers.keep();
    answer
}

impl PeerInner {
    /// None if there is no such method: what there is instead has to be found out.
    fn answer_of(self: &Rc<Self>, answer: Answer) -> Option<AtOnce> {
        Some(match answer {
            Answer::Ready(Ok(value)) if value.has_caps() => AtOnce::Promise(self.resolved(value)),
            Answer::Ready(result) => AtOnce::Ready(result),
            Answer::Pending(task) => AtOnce::Promise(self.promise(task)),
            Answer::Promised(promise) => AtOnce::Promise(self.promised(Entry::Promised(promise))),
            Answer::NoSuchMethod => return None,
        })
    }

    /// A promise that takes calls.
    fn promised(self: &Rc<Self>, promise: Entry) -> RawStub {
        let cap = self.with(|state| {
            let target = state.targets.insert(promise);
            state.session.promised(target)
        });
        RawStub::promise(self, cap)
    }
}
