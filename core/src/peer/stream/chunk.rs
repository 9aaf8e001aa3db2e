//! Chunks of streams. On their way they are the arguments of a call of `write`: a list of one
//! value.

use std::task::{Context, Poll};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RpcError;
use crate::peer::inner::Deferred;
use crate::peer::raw_stub::Kind;
use crate::peer::{Outgoing, RawStub, argument_list, incoming};
use crate::proto::{PullId, Session};

pub(super) fn encode<T: Serialize>(chunk: &T) -> Result<Outgoing, RpcError> {
    argument_list::encode(&(chunk,))
}

pub(super) fn decode<T: DeserializeOwned>(list: Outgoing) -> Result<T, RpcError> {
    incoming::decode_first(list, "chunk")
}

/// A chunk as one value, or none at the end of the stream.
pub(super) type Next = Result<Option<Outgoing>, RpcError>;

/// The reading of a readable end of a session.
#[derive(Default)]
pub(super) struct Read {
    /// Registered with the session.
    id: Option<PullId>,
}

impl Read {
    /// Asks for the next chunk, once, and takes it when it is there.
    pub(super) fn poll(&mut self, stream: &RawStub, cx: &Context<'_>) -> Poll<Next> {
        let Kind::Session(on) = &stream.kind else {
            return Poll::Ready(Err(RpcError::type_error("not a readable stream")));
        };
        let polled = on.peer.poll_pull(Session::read, on.cap(), &mut self.id, cx);
        // The end is a payload without a text.
        polled.map(|read| read.map(|list| (!list.text().is_empty()).then_some(list)))
    }

    /// Gives up what was asked for.
    pub(super) fn forget(&mut self, stream: &RawStub) {
        if let (Kind::Session(on), Some(id)) = (&stream.kind, self.id.take()) {
            on.peer.defer(Deferred::Forget(id));
        }
    }
}
