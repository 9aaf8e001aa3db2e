//! Streams that cross from one session to another, or from and to this process.

use std::rc::Rc;
use std::task::Poll;

use futures::StreamExt;
use futures::stream;

use super::chunk::Read;
use super::drain::{drain, is_used};
use super::feed::{Chunks, Source, feed};
use crate::peer::inner::{PeerInner, State};
use crate::peer::raw_stub::{Kind, Reference, Travels};
use crate::peer::tasks::{Running, Task};
use crate::peer::{RawStub, blob};
use crate::proto::CapId;

impl State {
    /// A readable stream as one of the session: the readable end of a pipe that is fed with it.
    pub(in crate::peer) fn import_readable(
        &mut self,
        peer: &Rc<PeerInner>,
        stream: RawStub,
    ) -> CapId {
        if self.session.closed().is_some() {
            return self.import_id(peer, stream);
        }
        let chunks = match stream.kind {
            Kind::Session(reference) if Rc::ptr_eq(&reference.peer, peer) => {
                return reference.into_cap();
            }
            Kind::Session(reference) => chunks_of(reference),
            Kind::Source(source) => match source.take() {
                Some(chunks) => chunks,
                None => return self.session.broken(is_used()),
            },
            Kind::Bytes(bytes) => {
                let chunks = Source::new(blob::chunks(bytes)).take();
                chunks.unwrap_or_else(|| stream::empty().boxed_local())
            }
            _ => return self.import_id(peer, stream),
        };
        let (writable, readable) = self.session.pipe();
        let writable = RawStub::stub(peer, writable);
        self.run(Box::pin(feed(writable, chunks)));
        readable
    }

    /// A writable stream as one of the session.
    pub(in crate::peer) fn import_writable(
        &mut self,
        peer: &Rc<PeerInner>,
        stream: RawStub,
    ) -> CapId {
        let sink = match &stream.kind {
            Kind::Drain(_) if self.session.closed().is_some() => None,
            Kind::Drain(sink) => sink.take(),
            _ => return self.import_id(peer, stream),
        };
        let Some(sink) = sink else { return self.session.broken(is_used()) };
        let (writable, readable) = self.session.pipe();
        let readable = RawStub::stub(peer, readable);
        self.run(Box::pin(drain(readable, sink)));
        writable
    }

    /// Runs a task whose result nobody waits for.
    fn run(&mut self, task: Task) {
        let (promise, answer) = self.session.promise();
        self.session.release(promise, &mut self.turn);
        self.started.push(Running::new(answer, task));
    }
}

/// The chunks of a readable end of another session.
fn chunks_of(reference: Reference) -> Chunks {
    let stream = RawStub { kind: Kind::Session(reference), travels: Travels::Readable };
    let mut reading = Some((stream, Read::default()));
    stream::poll_fn(move |cx| {
        let Some((stream, read)) = &mut reading else { return Poll::Ready(None) };
        let polled = read.poll(stream, cx).map(Result::transpose);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            reading = None;
        }
        polled
    })
    .boxed_local()
}
