use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures::stream::{LocalBoxStream, Stream, StreamExt};
use serde::Serialize;

use super::chunk;
use crate::peer::pull::Pull;
use crate::peer::raw_stub::Kind;
use crate::peer::watch::Watching;
use crate::peer::{Outgoing, RawStub, argument_list};
use crate::proto::Path;
use crate::{Payload, RpcError};

/// A stream of this process, until somebody takes the chunks.
pub(in crate::peer) struct Source(RefCell<Option<Chunks>>);

/// What a [`Source`] has.
pub(super) struct Chunks {
    /// Chunks as arguments of `write`.
    pub(super) stream: LocalBoxStream<'static, Result<Outgoing, RpcError>>,
    /// Called with the reason if the reader gives them up.
    pub(super) on_cancel: Option<OnCancel>,
}

pub(super) type OnCancel = Box<dyn FnOnce(RpcError)>;

/// So many chunks are moved before the host gets its turn.
const CHUNKS_PER_TURN: usize = 64;

impl Source {
    pub(super) fn new<T: Serialize + 'static, E: Into<RpcError>>(
        stream: impl Stream<Item = Result<T, E>> + 'static,
        on_cancel: Option<OnCancel>,
    ) -> Rc<Self> {
        let encode = |item: Result<T, E>| chunk::encode_owned(item.map_err(E::into)?);
        Source::of_chunks(Chunks { stream: stream.map(encode).boxed_local(), on_cancel })
    }

    /// A stream that has ended.
    pub(super) fn ended() -> Rc<Self> {
        Source::of_chunks(Chunks { stream: Box::pin(futures::stream::empty()), on_cancel: None })
    }

    fn of_chunks(chunks: Chunks) -> Rc<Self> {
        Rc::new(Source(RefCell::new(Some(chunks))))
    }

    /// Takes the chunks, once.
    pub(super) fn take(&self) -> Option<Chunks> {
        self.0.take()
    }

    /// Puts chunks back.
    pub(super) fn put(&self, chunks: Chunks) {
        self.0.replace(Some(chunks));
    }
}

/// Writes all chunks to a writable end of a session, one after the other, and closes it. Stops when
/// nobody reads any more, and tells the source why.
pub(super) async fn feed(writable: RawStub, chunks: Chunks) -> Result<Outgoing, RpcError> {
    let Chunks { stream, on_cancel } = chunks;
    let broken = Broken::watch(&writable);
    let mut feed = std::pin::pin!(write_all(writable, stream));
    let fed = poll_fn(|cx| match broken.reason(cx.waker()) {
        Some(why) => Poll::Ready(Err(why)),
        None => feed.as_mut().poll(cx),
    })
    .await;
    if let (Err(why), Some(on_cancel)) = (fed, on_cancel) {
        on_cancel(why);
    }
    Ok(Payload::default())
}

/// Rejects with the reason if a chunk or the end is refused.
async fn write_all(
    writable: RawStub,
    mut chunks: impl Stream<Item = Result<Outgoing, RpcError>> + Unpin,
) -> Result<(), RpcError> {
    let mut count = 0;
    while let Some(next) = chunks.next().await {
        match next {
            Ok(chunk) => {
                if let Some(written) = chunk::write(&writable, chunk) {
                    written.await?;
                }
            }
            Err(error) => {
                let why = argument_list::encode(&(error,)).unwrap_or_default();
                // It is the reader that is told.
                let _ = call(&writable, "abort", why).await;
                return Ok(());
            }
        };
        count += 1;
        if count % CHUNKS_PER_TURN == 0 {
            yield_now().await;
        }
    }
    call(&writable, "close", Payload::from_text(String::from("[]"))).await.map(drop)
}

/// Calls a method of a writable end.
pub(super) fn call(writable: &RawStub, method: &str, arguments: Outgoing) -> Pull {
    Pull::new(writable.call(&Path::of(method), Ok(arguments)))
}

/// Lets others run.
pub(super) async fn yield_now() {
    let mut is_done = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Why a writable end has broken, if it has.
struct Broken {
    watched: Rc<RefCell<Watched>>,
    _watching: Option<Watching>,
}

#[derive(Default)]
struct Watched {
    reason: Option<RpcError>,
    waker: Option<Waker>,
}

impl Broken {
    fn watch(writable: &RawStub) -> Self {
        let watched = Rc::new(RefCell::new(Watched::default()));
        let shared = Rc::clone(&watched);
        let callback = Box::new(move |reason| {
            let waker = {
                let mut watched = shared.borrow_mut();
                watched.reason = Some(reason);
                watched.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        let watching = match &writable.kind {
            Kind::Session(on) => Some(on.peer.watch_while(on.cap(), callback)),
            _ => None,
        };
        Broken { watched, _watching: watching }
    }

    fn reason(&self, waker: &Waker) -> Option<RpcError> {
        let mut watched = self.watched.borrow_mut();
        let old = watched.waker.replace(waker.clone());
        let reason = watched.reason.clone();
        drop(watched);
        drop(old);
        reason
    }
}
