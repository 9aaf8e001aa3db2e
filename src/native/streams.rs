//! Streams of JavaScript as streams of the wire, and the other way round.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use futures::{FutureExt, Sink, SinkExt, StreamExt, stream};
use js_sys::{Array, Promise, Uint8Array};
use topsail_core::{RawChunk, RawStub, RpcError, RpcReadable, RpcWritable};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, WritableStream};

use super::js::{STREAMS, Streams};
use super::rules::NativeRules;
use super::settled::{Outcome, Settled, Settling};
use super::stub::NativeStub;
use super::value::{self, Way};
use crate::answer;

/// What is done with a writer, as `streams.js` has it; else it is aborted.
const WRITE: u32 = 0;
const CLOSE: u32 = 1;

/// Takes the next chunk, or gives the stream up for a reason.
type Take = dyn Fn(Option<String>) -> JsValue;
type Give = dyn Fn(u32, String, Option<Array>, Option<Vec<u8>>) -> JsValue;

/// The stream of a capability as one of JavaScript; the bytes, if it is the content of a blob.
pub(super) fn to_js(cap: &RawStub, rules: NativeRules, way: Way) -> Option<JsValue> {
    if let Some(bytes) = cap.collected_bytes() {
        return Some(Uint8Array::from(bytes).into());
    }
    if let Ok(readable) = RpcReadable::from_raw(cap.clone()) {
        return Some(readable_to_js(readable, rules, way));
    }
    RpcWritable::from_raw(cap.clone()).ok().map(|writable| writable_to_js(writable, rules))
}

/// A stream of JavaScript as one of the wire. None if it is none.
pub(super) fn from_js(object: &JsValue, rules: NativeRules) -> Option<RawStub> {
    if object.is_instance_of::<ReadableStream>() {
        let reader = Rc::new(Reader(STREAMS.with(|streams| streams.reader(object))));
        let cancelled = Rc::clone(&reader);
        let chunks = stream::unfold(reader, move |reader| read(reader, rules));
        let cancel = move |why| cancelled.cancel(&value::error_to_js(&why));
        return Some(RpcReadable::<RawChunk>::with_cancel(chunks, cancel).into_raw());
    }
    object.is_instance_of::<WritableStream>().then(|| {
        let writer = Rc::new(STREAMS.with(|streams| streams.writer(object)));
        let aborted = Rc::clone(&writer);
        let writer = Writer { writer, rules, pending: None, is_closed: false };
        RpcWritable::<RawChunk>::with_abort(writer, move |why| {
            STREAMS.with(|streams| streams.abort(&aborted, &value::error_to_js(&why)));
        })
        .into_raw()
    })
}

fn readable_to_js(readable: RpcReadable<RawChunk>, rules: NativeRules, way: Way) -> JsValue {
    let slot = Rc::new(Slot { readable: RefCell::new(Some(readable)), waker: RefCell::default() });
    let take: Box<Take> = Box::new(move |why| {
        if let Some(why) = why {
            slot.give_up(&why);
            return JsValue::UNDEFINED;
        }
        let slot = Rc::clone(&slot);
        answered(async move {
            let Some(chunk) = slot.next().await else { return Ok(JsValue::UNDEFINED) };
            let chunk = chunk.map_err(|error| value::error_to_js(&error))?;
            let chunk = match chunk {
                RawChunk::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
                RawChunk::Value(value) => value::to_js(&value, rules, Way::Here)?,
            };
            Ok(Array::of1(&chunk).into())
        })
    });
    let take = Closure::wrap_assert_unwind_safe(take).into_js_value();
    STREAMS.with(|streams| streams.readable(&take, way == Way::Sent))
}

/// A stream until it is given up, also while a chunk is awaited.
struct Slot {
    readable: RefCell<Option<RpcReadable<RawChunk>>>,
    /// Whoever awaits a chunk: the stream wakes nobody any more when it is given up.
    waker: RefCell<Option<Waker>>,
}

impl Slot {
    async fn next(&self) -> Option<Result<RawChunk, RpcError>> {
        poll_fn(|cx| {
            let Some(mut readable) = self.readable.take() else { return Poll::Ready(None) };
            let polled = readable.poll_next_unpin(cx);
            self.readable.replace(Some(readable));
            self.waker.replace(polled.is_pending().then(|| cx.waker().clone()));
            polled
        })
        .await
    }

    fn give_up(&self, why: &str) {
        if let Some(readable) = self.readable.take() {
            readable.cancel(value::error_from_text(why));
        }
        self.waker.take().into_iter().for_each(Waker::wake);
    }
}

fn writable_to_js(writable: RpcWritable<RawChunk>, rules: NativeRules) -> JsValue {
    let slot = Rc::new(RefCell::new(Some(writable)));
    let give: Box<Give> = Box::new(move |operation, text, caps, bytes| {
        let taken = slot.take();
        let slot = Rc::clone(&slot);
        answered(async move {
            let Some(mut writable) = taken else { return Ok(JsValue::UNDEFINED) };
            let done = match operation {
                WRITE => {
                    let sent = writable.send(chunk(text, caps, bytes, rules)).await;
                    slot.replace(Some(writable));
                    sent
                }
                CLOSE => writable.close().await,
                _ => writable.abort(value::error_from_text(&text)).await,
            };
            done.map(|()| JsValue::UNDEFINED).map_err(|error| value::error_to_js(&error))
        })
    });
    let give = Closure::wrap_assert_unwind_safe(give).into_js_value();
    STREAMS.with(|streams| streams.writable(&give, rules.bits()))
}

fn answered(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> JsValue {
    answer::of_stream(Box::pin(future))
}

/// A reader, given up when it is dropped.
struct Reader(JsValue);

impl Reader {
    fn cancel(&self, reason: &JsValue) {
        STREAMS.with(|streams| streams.cancel(&self.0, reason));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.cancel(&JsValue::UNDEFINED);
    }
}

/// What JavaScript passes as a chunk: bytes, or the text and the capabilities of a value.
fn chunk(
    text: String,
    caps: Option<Array>,
    bytes: Option<Vec<u8>>,
    rules: NativeRules,
) -> RawChunk {
    match bytes {
        Some(bytes) => RawChunk::Bytes(bytes),
        None => {
            let to_cap = |object| NativeStub::new_raw(object, rules);
            RawChunk::Value(value::from_parts(text, caps.as_ref(), to_cap))
        }
    }
}

async fn read(
    reader: Rc<Reader>,
    rules: NativeRules,
) -> Option<(Result<RawChunk, RpcError>, Rc<Reader>)> {
    let Settled { text, caps, outcome, bytes } = Settling::read(&reader.0, rules).await;
    let chunk = match outcome {
        Outcome::Done => return None,
        Outcome::Resolved => Ok(chunk(text, caps, bytes, rules)),
        Outcome::Rejected | Outcome::Broken => Err(value::error_from_text(&text)),
    };
    Some((chunk, reader))
}

/// A writer; it is aborted if it is dropped before it is closed.
struct Writer {
    writer: Rc<JsValue>,
    rules: NativeRules,
    /// The last thing that was done.
    pending: Option<Settling>,
    is_closed: bool,
}

impl Writer {
    fn begin(&mut self, run: impl FnOnce(&Streams, &JsValue) -> Promise) {
        let promise = STREAMS.with(|streams| run(streams, &self.writer));
        self.pending = Some(Settling::new(&promise, self.rules));
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        let Some(pending) = &mut self.pending else { return Poll::Ready(Ok(())) };
        let settled = ready!(pending.poll_unpin(cx));
        self.pending = None;
        Poll::Ready(match settled.outcome {
            Outcome::Rejected | Outcome::Broken => Err(value::error_from_text(&settled.text)),
            Outcome::Resolved | Outcome::Done => Ok(()),
        })
    }
}

impl Sink<RawChunk> for Writer {
    type Error = RpcError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        self.poll_pending(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: RawChunk) -> Result<(), RpcError> {
        match chunk {
            RawChunk::Bytes(bytes) => self.begin(|js, writer| js.write_bytes(writer, &bytes)),
            RawChunk::Value(value) => {
                let (text, caps) = value::to_parts(&value, self.rules, Way::Here);
                self.begin(|js, writer| js.write(writer, Some(&text), caps));
            }
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        self.poll_pending(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        ready!(self.poll_pending(cx))?;
        if !std::mem::replace(&mut self.is_closed, true) {
            self.begin(|js, writer| js.write(writer, None, None));
        }
        self.poll_pending(cx)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_closed {
            let why = value::error_to_js(&RpcError::error("the stream was aborted"));
            STREAMS.with(|streams| streams.abort(&self.writer, &why));
        }
    }
}
