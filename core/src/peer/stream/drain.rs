use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::sink::{Sink, SinkExt};
use serde::de::DeserializeOwned;

use super::chunk::{self, Read};
use crate::peer::raw_stub::Kind;
use crate::peer::{Outgoing, RawStub};
use crate::{Payload, RpcError};

/// A sink of this process, until somebody writes to it.
pub(in crate::peer) struct Drain(RefCell<Option<Chunks>>);

/// Takes chunks as arguments of `write`.
pub(super) type Chunks = Pin<Box<dyn Sink<Outgoing, Error = RpcError>>>;

impl Drain {
    pub(super) fn new<T, S>(sink: S) -> Rc<Self>
    where
        T: DeserializeOwned + 'static,
        S: Sink<T> + 'static,
        S::Error: Into<RpcError>,
    {
        let sink = sink.sink_map_err(S::Error::into);
        let decode = |list: Outgoing| std::future::ready(chunk::decode::<T>(list));
        Rc::new(Drain(RefCell::new(Some(Box::pin(sink.with(decode))))))
    }

    /// Takes the sink, once.
    pub(super) fn take(&self) -> Option<Chunks> {
        self.0.take()
    }

    /// Puts the sink back.
    pub(super) fn put(&self, chunks: Chunks) {
        self.0.replace(Some(chunks));
    }
}

/// Reads a readable end of a session into a sink, and closes it at the end. An error of the sink
/// goes to who writes; one of the stream drops the sink.
pub(super) async fn drain(readable: RawStub, mut sink: Chunks) -> Result<Outgoing, RpcError> {
    let mut read = Read::default();
    let drained = loop {
        if let Err(error) = poll_fn(|cx| sink.as_mut().poll_ready(cx)).await {
            break Err(error);
        }
        match poll_fn(|cx| read.poll_consume(&readable, cx)).await {
            Err(_) => break Ok(()),
            Ok(None) => break sink.close().await,
            Ok(Some(chunk)) => {
                if let Err(error) = sink.send(chunk).await {
                    break Err(error);
                }
            }
        }
    };
    if let Err(error) = drained {
        cancel(readable, error);
    }
    Ok(Payload::default())
}

/// Gives a readable end up for a reason.
pub(super) fn cancel(readable: RawStub, error: RpcError) {
    if let Kind::Session(on) = readable.kind {
        let peer = Rc::clone(&on.peer);
        peer.with(|state| state.session.cancel(on.into_cap(), error, &mut state.turn));
    }
}

/// Polls a sink that may not be there.
pub(super) fn poll_sink(
    drain: &Drain,
    cx: &mut Context<'_>,
    poll: fn(Pin<&mut dyn Sink<Outgoing, Error = RpcError>>, &mut Context<'_>) -> Polled,
) -> Polled {
    let Some(mut sink) = drain.take() else { return Poll::Ready(Err(is_used())) };
    let polled = poll(sink.as_mut(), cx);
    drain.put(sink);
    polled
}

pub(super) type Polled = Poll<Result<(), RpcError>>;

#[cold]
pub(super) fn is_used() -> RpcError {
    RpcError::type_error("the stream was sent, or is used already")
}
