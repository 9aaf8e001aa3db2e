use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::sink::{Sink, SinkExt};
use serde::de::DeserializeOwned;

use super::chunk::{self, Read};
use super::feed;
use crate::peer::raw_stub::Kind;
use crate::peer::{Outgoing, RawStub};
use crate::{Payload, RpcError};

/// A sink of this process, until somebody writes to it.
pub(in crate::peer) struct Drain(RefCell<Option<Chunks>>);

pub(super) struct Chunks {
    /// Takes chunks as arguments of `write`.
    pub(super) sink: Pin<Box<dyn Sink<Outgoing, Error = RpcError>>>,
    /// Called with the reason if the writer aborts.
    pub(super) on_abort: Option<OnAbort>,
}

pub(super) type OnAbort = Box<dyn FnOnce(RpcError)>;

impl Drain {
    pub(super) fn new<T, S>(sink: S, on_abort: Option<OnAbort>) -> Rc<Self>
    where
        T: DeserializeOwned + 'static,
        S: Sink<T> + 'static,
        S::Error: Into<RpcError>,
    {
        let sink = sink.sink_map_err(S::Error::into);
        let decode = |list: Outgoing| std::future::ready(chunk::decode::<T>(list));
        let sink = Box::pin(sink.with(decode));
        Rc::new(Drain(RefCell::new(Some(Chunks { sink, on_abort }))))
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
pub(super) async fn drain(readable: RawStub, chunks: Chunks) -> Result<Outgoing, RpcError> {
    let Chunks { mut sink, on_abort } = chunks;
    let mut read = Read::default();
    let drained = loop {
        if let Err(error) = poll_fn(|cx| sink.as_mut().poll_ready(cx)).await {
            break Err(error);
        }
        match poll_fn(|cx| read.poll_consume(&readable, cx)).await {
            Err(error) => {
                if let Some(on_abort) = on_abort {
                    on_abort(error);
                }
                break Ok(());
            }
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
    match readable.kind {
        Kind::Session(on) => {
            let peer = Rc::clone(&on.peer);
            peer.with(|state| state.session.cancel(on.into_cap(), error, &mut state.turn));
        }
        Kind::Source(source) => {
            if let Some(feed::Chunks { stream, on_cancel: Some(on_cancel) }) = source.take() {
                on_cancel(error);
                drop(stream);
            }
        }
        _ => {}
    }
}

/// Polls a sink that may not be there.
pub(super) fn poll_sink(
    drain: &Drain,
    cx: &mut Context<'_>,
    poll: fn(Pin<&mut dyn Sink<Outgoing, Error = RpcError>>, &mut Context<'_>) -> Polled,
) -> Polled {
    let Some(mut chunks) = drain.take() else { return Poll::Ready(Err(is_used())) };
    let polled = poll(chunks.sink.as_mut(), cx);
    drain.put(chunks);
    polled
}

pub(super) type Polled = Poll<Result<(), RpcError>>;

#[cold]
pub(super) fn is_used() -> RpcError {
    RpcError::type_error("the stream was sent, or is used already")
}
