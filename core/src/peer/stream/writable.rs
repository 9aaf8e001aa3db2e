use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures::{Sink, SinkExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RpcReadable;
use super::chunk;
use super::drain::{Chunks, Drain, Polled, is_used, poll_sink};
use super::feed::call;
use crate::peer::pull::Pull;
use crate::peer::raw_stub::{Kind, Reference, Travels};
use crate::peer::{RawStub, argument_list, local};
use crate::{Payload, RpcError, Value};

/// A `WritableStream` of the wire: a [`Sink`] of chunks.
///
/// It can be an argument or a part of one, and a result or a part of one. To a received one one
/// writes as to a sink; one that is sent is made of a sink by [`new`](Self::new), or is one end of a
/// [pipe](rpc_pipe). Received ones can be passed on, to the same peer or another.
///
/// A chunk may be any serde type, [`Bytes`](crate::Bytes), or a stub or contain stubs. Writing does
/// not wait for each chunk to arrive: `send` waits when the window is full that follows the
/// bandwidth. Only `close` tells whether all of it was taken.
///
/// Dropping it without `close` aborts the stream.
pub struct RpcWritable<T = Value> {
    raw: RawStub,
    /// The reference is to a pipe, in which writes do not wait for the peer.
    is_writer: bool,
    /// The last write, or `close`.
    pending: Option<Pull>,
    state: Progress,
    chunk: PhantomData<fn(T)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Open,
    Closing,
    Closed,
}

/// A pipe of this process: what is written to the first can be read from the second, here or
/// wherever they are sent.
///
/// ```
/// use futures::{SinkExt, StreamExt};
/// use topsail_core::{RpcError, rpc_pipe};
///
/// let (mut writable, readable) = rpc_pipe::<String>();
/// let write = async {
///     writable.send("hello".to_owned()).await?;
///     writable.close().await
/// };
/// let (written, read) =
///     futures::executor::block_on(futures::future::join(write, readable.collect::<Vec<_>>()));
/// assert_eq!((written, read), (Ok(()), vec![Ok("hello".to_owned())]));
/// ```
pub fn rpc_pipe<T>() -> (RpcWritable<T>, RpcReadable<T>) {
    let peer = local::peer();
    let (writable, readable) = peer.with(|state| state.session.pipe());
    let writable = RpcWritable::from_kind(Kind::Session(Reference::new(&peer, writable)));
    let readable = RawStub::stub(&peer, readable).travelling(Travels::Readable);
    let failed = RpcReadable::failed;
    (writable, RpcReadable::from_raw(readable).unwrap_or_else(failed))
}

impl<T> RpcWritable<T> {
    /// A stream to be sent. What is written to it goes into the sink: a chunk is acknowledged when
    /// the sink is ready for it, and an error of the sink is what the writer gets. When the stream
    /// is aborted, the sink is dropped without being closed.
    pub fn new<S>(sink: S) -> Self
    where
        T: DeserializeOwned + 'static,
        S: Sink<T> + 'static,
        S::Error: Into<RpcError>,
    {
        RpcWritable::from_kind(Kind::Drain(Drain::new(sink, None)))
    }

    /// As [`new`](Self::new), and has a function called if the stream is aborted, with the reason. The
    /// sink is dropped behind that.
    pub fn with_abort<S>(sink: S, on_abort: impl FnOnce(RpcError) + 'static) -> Self
    where
        T: DeserializeOwned + 'static,
        S: Sink<T> + 'static,
        S::Error: Into<RpcError>,
    {
        RpcWritable::from_kind(Kind::Drain(Drain::new(sink, Some(Box::new(on_abort)))))
    }

    /// A stream to which every write fails.
    pub fn failed(error: RpcError) -> Self {
        RpcWritable::from_kind(Kind::Broken(error))
    }

    /// The stream that the reference is to.
    ///
    /// # Errors
    ///
    /// A `TypeError` if it is to something else.
    pub fn from_raw(raw: RawStub) -> Result<Self, RpcError> {
        match raw.travels {
            Travels::Writable => Ok(RpcWritable::from_kind(raw.kind)),
            _ => Err(RpcError::type_error("not a writable stream")),
        }
    }

    /// The reference.
    pub fn into_raw(self) -> RawStub {
        self.raw
    }

    /// The same stream with chunks of another type. Nothing is checked.
    pub fn cast<U>(self) -> RpcWritable<U> {
        RpcWritable::from_kind(self.raw.kind)
    }

    /// Ends the stream as a failure. What was written and not read yet is lost. Works whether or
    /// not it is awaited.
    pub fn abort(self, why: RpcError) -> impl Future<Output = Result<(), RpcError>> + 'static {
        let pull = self.start_abort(why);
        async {
            match pull? {
                Some(pull) => pull.await.map(drop),
                None => Ok(()),
            }
        }
    }

    /// None if it is done.
    fn start_abort(self, why: RpcError) -> Result<Option<Pull>, RpcError> {
        match &self.raw.kind {
            Kind::Drain(drain) => {
                if let Some(Chunks { sink, on_abort: Some(on_abort) }) = drain.take() {
                    on_abort(why);
                    drop(sink);
                }
                Ok(None)
            }
            Kind::Broken(error) => Err(error.clone()),
            _ => {
                let list = argument_list::encode(&(why,))?;
                Ok(Some(call(&self.raw, "abort", list)))
            }
        }
    }

    fn start_write(&mut self, item: T) -> Result<(), RpcError>
    where
        T: Serialize,
    {
        let list = chunk::encode(&item)?;
        match &self.raw.kind {
            Kind::Drain(drain) => {
                let Some(mut chunks) = drain.take() else { return Err(is_used()) };
                let started = chunks.sink.start_send_unpin(list);
                drain.put(chunks);
                started
            }
            Kind::Broken(error) => Err(error.clone()),
            _ => {
                self.become_writer();
                self.pending = chunk::write(&self.raw, list);
                Ok(())
            }
        }
    }

    /// From now on writes go into a pipe of the session.
    fn become_writer(&mut self) {
        if std::mem::replace(&mut self.is_writer, true) {
            return;
        }
        if let Kind::Session(on) = &self.raw.kind {
            let peer = Rc::clone(&on.peer);
            peer.set_time();
            let on = on.clone().into_cap();
            let cap = peer.with(|state| state.session.writer(on, &mut state.turn));
            self.raw = RawStub::stub(&peer, cap).travelling(Travels::Writable);
        }
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Polled {
        let Some(pending) = &mut self.pending else { return Poll::Ready(Ok(())) };
        let result = ready!(Pin::new(pending).poll(cx));
        self.pending = None;
        Poll::Ready(result.map(drop))
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Polled {
        if self.state == Progress::Open {
            ready!(self.poll_pending(cx))?;
            self.become_writer();
            let none = Payload::from_text(String::from("[]"));
            self.pending = Some(call(&self.raw, "close", none));
            self.state = Progress::Closing;
        }
        let closed = ready!(self.poll_pending(cx));
        if std::mem::replace(&mut self.state, Progress::Closed) == Progress::Closing {
            self.raw = RawStub::broken(is_closed()).travelling(Travels::Writable);
        }
        Poll::Ready(closed)
    }

    fn from_kind(kind: Kind) -> Self {
        let raw = RawStub { kind, travels: Travels::Writable };
        let state = Progress::Open;
        RpcWritable { raw, is_writer: false, pending: None, state, chunk: PhantomData }
    }
}

impl<T: Serialize> Sink<T> for RpcWritable<T> {
    type Error = RpcError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        match &self.raw.kind {
            Kind::Drain(drain) => poll_sink(drain, cx, |sink, cx| sink.poll_ready(cx)),
            _ => self.poll_pending(cx),
        }
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), RpcError> {
        self.start_write(item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        match &self.raw.kind {
            Kind::Drain(drain) => poll_sink(drain, cx, |sink, cx| sink.poll_flush(cx)),
            _ => self.poll_pending(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        match &self.raw.kind {
            Kind::Drain(drain) => poll_sink(drain, cx, |sink, cx| sink.poll_close(cx)),
            _ => self.poll_closed(cx),
        }
    }
}

impl<T> Unpin for RpcWritable<T> {}

impl<T> fmt::Debug for RpcWritable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcWritable")
    }
}

/// Sends the stream. It can be sent once, and not be written to any more then.
impl<T> Serialize for RpcWritable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for RpcWritable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawStub::decode(deserializer, Travels::Writable)?;
        Ok(RpcWritable::from_kind(raw.kind))
    }
}

#[cold]
fn is_closed() -> RpcError {
    RpcError::type_error("the stream is closed")
}
