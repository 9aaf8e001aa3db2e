//! Chunks of streams. On their way they are the arguments of a call of `write`: a list of one
//! value.

use std::any::Any;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RawChunk;
use crate::peer::inner::{PeerInner, State};
use crate::peer::pull::Pull;
use crate::peer::raw_stub::Kind;
use crate::peer::tasks::Task;
use crate::peer::{Outgoing, RawStub, argument_list, blob, incoming};
use crate::proto::{CapId, Path, PullId, Session, Turn};
use crate::{Bytes, Payload, RpcError};

pub(super) fn encode<T: Serialize>(chunk: &T) -> Result<Outgoing, RpcError> {
    argument_list::encode_one(chunk)
}

/// As [`encode`], of a chunk that nobody needs any more: bytes are not copied.
pub(super) fn encode_owned<T: Serialize + 'static>(mut chunk: T) -> Result<Outgoing, RpcError> {
    match bytes_of(&mut chunk) {
        Some(bytes) => Ok(Payload::list_of_bytes(std::mem::take(bytes))),
        None => encode(&chunk),
    }
}

fn bytes_of(chunk: &mut dyn Any) -> Option<&mut Vec<u8>> {
    if chunk.is::<Bytes>() {
        return chunk.downcast_mut().map(|Bytes(bytes)| bytes);
    }
    match chunk.downcast_mut()? {
        RawChunk::Bytes(bytes) => Some(bytes),
        RawChunk::Value(_) => None,
    }
}

pub(super) fn decode<T: DeserializeOwned>(list: Outgoing) -> Result<T, RpcError> {
    incoming::decode_first(list, "chunk")
}

/// Writes a chunk to a writable end. None if nothing has to be waited for.
pub(super) fn write(stream: &RawStub, list: Outgoing) -> Option<Pull> {
    match &stream.kind {
        Kind::Session(on) => on.peer.write(on.cap(), list),
        _ => Some(Pull::new(stream.call(&Path::of(WRITE), Ok(list)))),
    }
}

const WRITE: &str = "write";

impl PeerInner {
    fn write(self: &Rc<Self>, on: CapId, list: Outgoing) -> Option<Pull> {
        let list = list.map(RawStub::shorten);
        let promise = self.with(|state| {
            let list = state.import(self, list);
            let State { session, turn, .. } = state;
            let list = session.write_at_once(on, list, turn).err()?;
            Some(session.call(on, &Path::of(WRITE), list, turn))
        })?;
        Some(Pull::new(RawStub::promise(self, promise)))
    }
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
    /// The stream is what a blob contains, whose chunks hold no blobs.
    is_content: bool,
}

impl Read {
    /// Of the content of a blob. A blob in there is not collected: a peer could put as many into each other
    /// as it may open streams, and what collects them is polled from the outermost to the innermost.
    pub(super) fn of_content() -> Self {
        Read { is_content: true, ..Read::default() }
    }

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
            Ok(list) if !self.is_content && blob::may_have_blobs(list.caps()) => {
                let max_bytes = on.peer.max_blob_bytes();
                self.collecting = Some(Box::pin(blob::collect(list, true, max_bytes)));
                self.poll_by(ask, stream, cx)
            }
            read => Poll::Ready(read.map(Some)),
        }
    }

    /// Whether a chunk was asked for and not taken.
    pub(super) fn is_going_on(&self) -> bool {
        self.id.is_some() || self.collecting.is_some()
    }

    /// Gives up what was asked for.
    pub(super) fn forget(&mut self, stream: &RawStub) {
        self.collecting = None;
        if let (Kind::Session(on), Some(id)) = (&stream.kind, self.id.take()) {
            on.peer.give_up_pull(id);
        }
    }
}
