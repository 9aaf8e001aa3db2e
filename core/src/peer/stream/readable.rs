use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::chunk::{self, Read};
use super::drain::{self, is_used};
use super::feed::Source;
use crate::peer::raw_stub::{Kind, Travels};
use crate::peer::{Outgoing, RawStub, blob};
use crate::{RpcError, Value};

/// A `ReadableStream` of the wire: a [`Stream`] of chunks.
///
/// It can be an argument or a part of one, and a result or a part of one. A received one is read as
/// a stream; one that is sent is made of a stream by [`new`](Self::new). Received ones can be passed
/// on, to the same peer or another; the chunks are then not looked into.
///
/// A chunk may be any serde type, [`Bytes`](crate::Bytes), or a stub or contain stubs, which live as
/// long as the chunk that was read. Reading slows the writer down: it gets ahead of the reader by a
/// window that follows the bandwidth, 256 KiB at the start.
///
/// Dropping it gives the stream up: those who write get an error. After an error or the end there is
/// nothing more.
///
/// ```
/// use futures::{StreamExt, stream};
/// use topsail_core::{RpcError, RpcReadable};
///
/// let numbers = RpcReadable::new(stream::iter([1, 2, 3]).map(Ok::<_, RpcError>));
/// let doubled = numbers.map(|i: Result<i32, RpcError>| i.map(|i| 2 * i));
/// let all: Vec<_> = futures::executor::block_on(doubled.collect());
/// assert_eq!(all, [Ok(2), Ok(4), Ok(6)]);
/// ```
pub struct RpcReadable<T = Value> {
    raw: RawStub,
    read: Read,
    chunk: PhantomData<fn() -> T>,
}

impl<T> RpcReadable<T> {
    /// A stream to be sent. It is polled once it was sent somewhere, not before; an error ends it,
    /// and is what the reader gets.
    pub fn new<E: Into<RpcError>>(stream: impl Stream<Item = Result<T, E>> + 'static) -> Self
    where
        T: Serialize + 'static,
    {
        RpcReadable::from_kind(Kind::Source(Source::new(stream, None)))
    }

    /// As [`new`](Self::new), and has a function called if the reader gives the stream up, or refuses
    /// its end, with the reason. The stream is dropped behind that.
    pub fn with_cancel<E: Into<RpcError>>(
        stream: impl Stream<Item = Result<T, E>> + 'static,
        on_cancel: impl FnOnce(RpcError) + 'static,
    ) -> Self
    where
        T: Serialize + 'static,
    {
        RpcReadable::from_kind(Kind::Source(Source::new(stream, Some(Box::new(on_cancel)))))
    }

    /// A stream whose reading fails.
    pub fn failed(error: RpcError) -> Self {
        RpcReadable::from_kind(Kind::Broken(error))
    }

    /// The stream that the reference is to.
    ///
    /// # Errors
    ///
    /// A `TypeError` if it is to something else.
    pub fn from_raw(raw: RawStub) -> Result<Self, RpcError> {
        match raw.travels {
            Travels::Readable => Ok(RpcReadable::from_kind(raw.kind)),
            _ => Err(RpcError::type_error("not a readable stream")),
        }
    }

    /// As [`from_raw`](Self::from_raw), of the content of a blob.
    pub(in crate::peer) fn of_content(raw: RawStub) -> Result<Self, RpcError> {
        let mut stream = RpcReadable::from_raw(raw)?;
        stream.read = Read::of_content();
        Ok(stream)
    }

    /// The reference. Reading fails if a chunk was asked for before and not taken: it would be missing.
    pub fn into_raw(mut self) -> RawStub {
        if self.read.is_going_on() { locked() } else { self.take_raw() }
    }

    fn take_raw(&mut self) -> RawStub {
        self.read.forget(&self.raw);
        std::mem::replace(&mut self.raw, RawStub::broken(is_used()))
    }

    /// The same stream with chunks of another type. Nothing is checked.
    pub fn cast<U>(self) -> RpcReadable<U> {
        RpcReadable::from_kind(self.into_raw().kind)
    }

    /// Gives the stream up for a reason, which those who write get.
    pub fn cancel(mut self, error: RpcError) {
        drain::cancel(self.take_raw(), error);
    }

    /// Reads a chunk without decoding it: a plain list, whose first element it is.
    fn poll_list(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Outgoing, RpcError>>> {
        let next = match &self.raw.kind {
            Kind::Source(source) => match source.take() {
                Some(mut chunks) => {
                    let polled = chunks.stream.as_mut().poll_next(cx);
                    source.put(chunks);
                    ready!(polled).transpose()
                }
                None => Err(is_used()),
            },
            Kind::Broken(error) => Err(error.clone()),
            _ => ready!(self.read.poll(&self.raw, cx)),
        };
        if !matches!(next, Ok(Some(_))) {
            self.end();
        }
        Poll::Ready(next.transpose())
    }

    /// Lets go of the stream.
    fn end(&mut self) {
        self.read.forget(&self.raw);
        self.raw = RawStub { kind: Kind::Source(Source::ended()), travels: Travels::Readable };
    }

    fn from_kind(kind: Kind) -> Self {
        let kind = match kind {
            Kind::Bytes(bytes) => Kind::Source(Source::new(blob::chunks(bytes), None)),
            kind => kind,
        };
        let raw = RawStub { kind, travels: Travels::Readable };
        RpcReadable { raw, read: Read::default(), chunk: PhantomData }
    }
}

impl<T: DeserializeOwned> Stream for RpcReadable<T> {
    type Item = Result<T, RpcError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let list = match ready!(self.poll_list(cx)) {
            Some(Ok(list)) => list,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        let chunk = chunk::decode(list);
        if let Err(error) = &chunk {
            let raw = std::mem::replace(&mut self.raw, RawStub::broken(is_used()));
            drain::cancel(raw, error.clone());
            self.end();
        }
        Poll::Ready(Some(chunk))
    }
}

impl<T> Drop for RpcReadable<T> {
    fn drop(&mut self) {
        self.read.forget(&self.raw);
    }
}

impl<T> fmt::Debug for RpcReadable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcReadable")
    }
}

/// Sends the stream. It can be sent once, and not be read any more then.
impl<T> Serialize for RpcReadable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.read.is_going_on() {
            true => locked().serialize(serializer),
            false => self.raw.serialize(serializer),
        }
    }
}

/// In place of a stream of which a chunk was asked for and not taken.
#[cold]
fn locked() -> RawStub {
    let why = RpcError::type_error("the stream is being read already");
    RawStub::broken(why).travelling(Travels::Readable)
}

impl<'de, T> Deserialize<'de> for RpcReadable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawStub::decode(deserializer, Travels::Readable)?;
        Ok(RpcReadable::from_kind(raw.kind))
    }
}
