//! Streams that cross from one session to another, or from and to this process.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

use futures::StreamExt;
use futures::stream;

use super::chunk::Read;
use super::drain::{cancel, drain, is_used};
use super::feed::{Chunks, Source, feed};
use crate::peer::inner::{PeerInner, State};
use crate::peer::raw_stub::{Kind, Reference, Travels};
use crate::peer::table::NOBODY;
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
        let is_own = matches!(&stream.kind, Kind::Session(own) if Rc::ptr_eq(&own.peer, peer));
        if !is_own && let Err(error) = self.session.room_for_pipe() {
            self.garbage.stubs.push(stream);
            return self.session.broken(error);
        }
        let chunks = match stream.kind {
            Kind::Session(reference) if is_own => return reference.into_cap(),
            Kind::Session(reference) => chunks_of(reference),
            Kind::Source(source) => match source.take() {
                Some(chunks) => chunks,
                None => return self.session.broken(is_used()),
            },
            Kind::Bytes(bytes) => match Source::new(blob::chunks(bytes), None).take() {
                Some(chunks) => chunks,
                None => return self.session.broken(is_used()),
            },
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
            Kind::Drain(sink) => match self.session.room_for_pipe() {
                Ok(()) => sink.take(),
                Err(error) => {
                    self.garbage.stubs.push(stream);
                    return self.session.broken(error);
                }
            },
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
        self.started.push(Running::new(answer, NOBODY, task));
    }
}

/// The chunks of a readable end of another session. It is held until the peer has taken the end of the
/// stream or refused it: only then is who has closed it answered.
fn chunks_of(reference: Reference) -> Chunks {
    let stream = RawStub { kind: Kind::Session(reference), travels: Travels::Readable };
    let slot = Rc::new(RefCell::new(Some((stream, Read::default()))));
    let given_up = Rc::clone(&slot);
    let stream = stream::poll_fn(move |cx| {
        let Some((stream, mut read)) = slot.take() else { return Poll::Ready(None) };
        let polled = read.poll(&stream, cx).map(Result::transpose);
        if !matches!(polled, Poll::Ready(Some(Err(_)))) {
            slot.replace(Some((stream, read)));
        }
        polled
    });
    let on_cancel = move |why| {
        if let Some((stream, mut read)) = given_up.take() {
            read.forget(&stream);
            cancel(stream, why);
        }
    };
    Chunks { stream: stream.boxed_local(), on_cancel: Some(Box::new(on_cancel)) }
}
