use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures::stream::{LocalBoxStream, Stream, StreamExt};
use serde::Serialize;

use super::chunk;
use crate::peer::pull::Pull;
use crate::peer::{Outgoing, RawStub, argument_list};
use crate::proto::Path;
use crate::{Payload, RpcError};

/// A stream of this process, until somebody takes the chunks.
pub(in crate::peer) struct Source(RefCell<Option<Chunks>>);

/// Chunks as arguments of `write`.
pub(super) type Chunks = LocalBoxStream<'static, Result<Outgoing, RpcError>>;

/// So many chunks are moved before the host gets its turn.
const CHUNKS_PER_TURN: usize = 64;

impl Source {
    pub(super) fn new<T: Serialize, E: Into<RpcError>>(
        stream: impl Stream<Item = Result<T, E>> + 'static,
    ) -> Rc<Self> {
        let encode = |item: Result<T, E>| chunk::encode(&item.map_err(E::into)?);
        Source::of_chunks(stream.map(encode).boxed_local())
    }

    pub(super) fn of_chunks(chunks: Chunks) -> Rc<Self> {
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
/// nobody reads any more.
pub(super) async fn feed(writable: RawStub, chunks: Chunks) -> Result<Outgoing, RpcError> {
    let broken = Broken::watch(&writable);
    let mut feed = std::pin::pin!(write_all(writable, chunks));
    poll_fn(|cx| match broken.is_broken(cx.waker()) {
        true => Poll::Ready(()),
        false => feed.as_mut().poll(cx),
    })
    .await;
    Ok(Payload::default())
}

async fn write_all(writable: RawStub, mut chunks: Chunks) {
    let mut count = 0;
    while let Some(next) = chunks.next().await {
        let written = match next {
            Ok(chunk) => call(&writable, "write", chunk).await,
            Err(error) => {
                let _ =
                    call(&writable, "abort", argument_list::encode(&(error,)).unwrap_or_default())
                        .await;
                return;
            }
        };
        if written.is_err() {
            return;
        }
        count += 1;
        if count % CHUNKS_PER_TURN == 0 {
            yield_now().await;
        }
    }
    let _ = call(&writable, "close", Payload::from_text(String::from("[]"))).await;
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

/// Whether a writable end has broken.
struct Broken(Rc<RefCell<Watched>>);

#[derive(Default)]
struct Watched {
    is_broken: bool,
    waker: Option<Waker>,
}

impl Broken {
    fn watch(writable: &RawStub) -> Self {
        let watched = Rc::new(RefCell::new(Watched::default()));
        let shared = Rc::clone(&watched);
        writable.on_broken(Box::new(move |_| {
            let waker = {
                let mut watched = shared.borrow_mut();
                watched.is_broken = true;
                watched.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }));
        Broken(watched)
    }

    fn is_broken(&self, waker: &Waker) -> bool {
        let mut watched = self.0.borrow_mut();
        let old = watched.waker.replace(waker.clone());
        let is_broken = watched.is_broken;
        drop(watched);
        drop(old);
        is_broken
    }
}
