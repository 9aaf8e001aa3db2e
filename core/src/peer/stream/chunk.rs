//! Chunks of streams. On their way they are the arguments of a call of `write`: a list of one
//! value.

use std::task::{Context, Poll, ready};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::RpcError;
use crate::peer::inner::Deferred;
use crate::peer::raw_stub::Kind;
use crate::peer::tasks::Task;
use crate::peer::{Outgoing, RawStub, argument_list, blob, incoming};
use crate::proto::{CapId, PullId, Session, Turn};

pub(super) fn encode<T: Serialize>(chunk: &T) -> Result<Outgoing, RpcError> {
    argument_list::encode_one(chunk)
}

pub(super) fn decode<T: DeserializeOwned>(list: Outgoing) -> Result<T, RpcError> {
    incoming::decode_first(list, "chunk")
}

/// A chunk as one value, or none at the end of the stream.
pub(super) type Next = Result<Option<Outgoing>, RpcError>;

type Ask = fn(&mut Session, CapId, PullId, &mut Turn);

/// The reading of a readable end of a session.
#[derive(Default)]
pub(super) struct Read {
    /// Registered with the session.
    id: Option<PullId>,
    /// The chunk is there, but for the bytes of its blobs.
    collecting: Option<Task>,
}

impl Read {
    /// Asks for the next chunk, once, and takes it when it is there.
    pub(super) fn poll(&mut self, stream: &RawStub, cx: &mut Context<'_>) -> Poll<Next> {
        self.poll_by(Session::read, stream, cx)
    }

    /// As [`poll`](Self::poll), for who may refuse the chunk.
    pub(super) fn poll_consume(&mut self, stream: &RawStub, cx: &mut Context<'_>) -> Poll<Next> {
        self.poll_by(Session::consume, stream, cx)
    }

    fn poll_by(&mut self, ask: Ask, stream: &RawStub, cx: &mut Context<'_>) -> Poll<Next> {
        let Kind::Session(on) = &stream.kind else {
            return Poll::Ready(Err(RpcError::type_error("not a readable stream")));
        };
        if let Some(collecting) = &mut self.collecting {
            let collected = ready!(collecting.as_mut().poll(cx));
            self.collecting = None;
            return Poll::Ready(collected.map(Some));
        }
        match ready!(on.peer.poll_pull(ask, on.cap(), &mut self.id, cx)) {
            // The end is a payload without a text.
            Ok(list) if list.is_empty() => Poll::Ready(Ok(None)),
            Ok(list) if blob::may_have_blobs(list.caps()) => {
                let max_bytes = on.peer.max_blob_bytes();
                self.collecting = Some(Box::pin(blob::collect(list, max_bytes)));
                self.poll_by(ask, stream, cx)
            }
            read => Poll::Ready(read.map(Some)),
        }
    }

    /// Gives up what was asked for.
    pub(super) fn forget(&mut self, stream: &RawStub) {
        self.collecting = None;
        if let (Kind::Session(on), Some(id)) = (&stream.kind, self.id.take()) {
            on.peer.defer(Deferred::Forget(id));
        }
    }
}
