//! Pipes: what is written at one end and read at the other.

use std::collections::VecDeque;

use super::flow::{Flow, Token};
use super::ids::{Cap, CapId, ImportId, PullId, WatchId};
use crate::{Payload, RpcError};

/// A pipe of the session. Each end is a node of the graph; here they are not counted.
#[derive(Debug)]
pub(super) struct Pipe {
    /// None once it is gone.
    pub(super) writable: Option<CapId>,
    pub(super) readable: Option<CapId>,
    /// The peer has made the pipe and not used its readable end yet, whose reference is here.
    pub(super) is_unclaimed: bool,
    pub(super) queue: VecDeque<Chunk>,
    pub(super) end: End,
    pub(super) reader: Reader,
    /// The promise of the write whose chunk a [consumer](super::Session::consume) works on.
    pub(super) consumed: Option<CapId>,
    /// Of the writable end.
    pub(super) watches: Vec<WatchId>,
}

/// A write that nobody has read yet.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The arguments of `write`: a plain list, whose first element is the chunk.
    pub(super) arguments: Payload<Cap>,
    /// The promise of the write, pending.
    pub(super) answer: CapId,
}

/// How a pipe ends.
#[derive(Debug)]
pub(super) enum End {
    /// Not yet.
    Open,
    /// It will when the queue is read; the promise of `close`.
    Closing(CapId),
    /// The reader knows. The promise of `close`, if it is settled when the reader goes.
    Closed(Option<CapId>),
    /// Both sides get this error.
    Failed(RpcError),
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// Nobody, at the moment.
    Nobody,
    /// The caller waits for a chunk.
    Caller(PullId),
    /// The same, and answers the write by what it does next.
    Consumer(PullId),
    /// All goes to a writable of the peer's, by the pump of this key.
    Pump(u64),
}

/// What a reader gets.
#[derive(Debug)]
pub(super) enum Next {
    Chunk(Chunk),
    /// The end; the promise of `close`.
    Closed(CapId),
}

/// The sending of a pipe to a writable of the peer's.
#[derive(Debug)]
pub(super) struct Pump {
    /// The readable end, a reference.
    pub(super) readable: CapId,
    /// The writable, a reference, and its id.
    pub(super) to: CapId,
    pub(super) import: ImportId,
    pub(super) flow: Flow,
    /// Messages that are not answered.
    pub(super) unanswered: usize,
    /// The promise of `close`, which the peer's answer settles.
    pub(super) closing: Option<CapId>,
    /// The first write that failed after `close` was sent.
    pub(super) failure: Option<RpcError>,
    /// Nothing more is sent, and the references are given back.
    pub(super) is_over: bool,
}

/// What the answer to a message of a pump means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    Write(Token),
    Close,
    Abort,
}

/// What a chunk in a queue takes besides its text.
pub(super) const CHUNK_BYTES: usize = 256;

impl Pipe {
    pub(super) fn new(writable: CapId, readable: CapId) -> Self {
        Pipe {
            writable: Some(writable),
            readable: Some(readable),
            is_unclaimed: false,
            queue: VecDeque::new(),
            end: End::Open,
            reader: Reader::Nobody,
            consumed: None,
            watches: Vec::new(),
        }
    }

    /// Takes what comes next, if it is there.
    pub(super) fn next(&mut self) -> Option<Next> {
        if let Some(chunk) = self.queue.pop_front() {
            return Some(Next::Chunk(chunk));
        }
        match self.end {
            End::Closing(answer) => {
                self.end = End::Closed(None);
                Some(Next::Closed(answer))
            }
            _ => None,
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.writable.is_none() && self.readable.is_none()
    }
}

impl Chunk {
    /// What it counts as among the unread bytes.
    pub(super) fn bytes(&self) -> usize {
        self.arguments.text_bytes().saturating_add(CHUNK_BYTES)
    }
}
