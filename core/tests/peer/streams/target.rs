use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::stream::{self, StreamExt};
use topsail_core::{
    Answer, Arguments, Bytes, IntoRpc, Outgoing, Property, RpcError, RpcReadable, RpcStub,
    RpcTarget, RpcWritable, Value, rpc_pipe,
};

/// What has become of the streams of a [`Streamer`].
#[derive(Default)]
pub(crate) struct Seen {
    /// Streams of this side that are alive.
    pub(crate) alive: Cell<i32>,
    /// Chunks that were taken out of them.
    pub(crate) taken: Cell<u32>,
    pub(crate) log: RefCell<Vec<String>>,
}

/// A target that streams.
#[derive(Default)]
pub(crate) struct Streamer(pub(crate) Rc<Seen>);

/// Counts something as long as it lives.
struct Alive(Rc<Seen>);

impl Alive {
    fn new(seen: &Rc<Seen>) -> Self {
        seen.alive.update(|alive| alive + 1);
        Alive(Rc::clone(seen))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.update(|alive| alive - 1);
    }
}

impl RpcTarget for Streamer {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        let seen = &self.0;
        match method {
            "count" => answer(arguments.next().map(|n| count(seen, n))),
            "fail" => answer(arguments.next().map(|n| fail(seen, n))),
            "endless" => answer(Ok(endless(seen))),
            "counters" => answer(arguments.next().map(counters)),
            "sum" => pending(arguments.next().map(sum)),
            "collect" => pending(arguments.next().map(collect)),
            "first" => pending(arguments.next().map(first)),
            "give_up" => {
                let both =
                    arguments.next().and_then(|stream| Ok(give_up(stream, arguments.next()?)));
                pending(both)
            }
            "call_all" => pending(arguments.next().map(call_all)),
            "pump" => {
                let both = arguments.next().and_then(|to| Ok(pump(to, arguments.next()?)));
                pending(both)
            }
            "sink" => answer(Ok(sink(seen))),
            "refuse" => answer(arguments.next().map(refuse)),
            "echo" => Answer::Ready(arguments.next::<Outgoing>()),
            "drop" => Answer::Ready(arguments.next::<Outgoing>().map(|_| Outgoing::default())),
            _ => Answer::NoSuchMethod,
        }
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

/// Hands a stub out.
pub(crate) struct Handing(pub(crate) RpcStub);

impl RpcTarget for Handing {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        answer(Ok(self.0.clone()))
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

fn answer<T: IntoRpc>(result: Result<T, RpcError>) -> Answer {
    Answer::Ready(result.and_then(T::into_rpc))
}

fn pending<T: IntoRpc + 'static>(
    future: Result<impl Future<Output = Result<T, RpcError>> + 'static, RpcError>,
) -> Answer {
    match future {
        Ok(future) => Answer::Pending(Box::pin(async { future.await?.into_rpc() })),
        Err(error) => Answer::Ready(Err(error)),
    }
}

fn counted(seen: &Rc<Seen>) -> impl FnMut(i64) -> Result<i64, RpcError> + 'static {
    let alive = Alive::new(seen);
    move |i| {
        alive.0.taken.update(|taken| taken + 1);
        Ok(i)
    }
}

fn count(seen: &Rc<Seen>, n: i64) -> RpcReadable<i64> {
    RpcReadable::new(stream::iter(1..=n).map(counted(seen)))
}

fn endless(seen: &Rc<Seen>) -> RpcReadable<i64> {
    RpcReadable::new(stream::iter(1..).map(counted(seen)))
}

fn fail(seen: &Rc<Seen>, n: i64) -> RpcReadable<i64> {
    let boom = stream::once(async { Err(RpcError::range_error("boom")) });
    RpcReadable::new(stream::iter(1..=n).map(counted(seen)).chain(boom))
}

fn counters(n: i64) -> RpcReadable<RpcStub> {
    let function = |i: i64| Ok::<_, RpcError>(topsail_core::function(move |j: i64| i + j));
    RpcReadable::new(stream::iter(0..n).map(function))
}

async fn sum(mut bytes: RpcReadable<Bytes>) -> Result<u64, RpcError> {
    let mut sum = 0;
    while let Some(chunk) = bytes.next().await {
        sum += chunk?.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    }
    Ok(sum)
}

async fn collect(mut stream: RpcReadable) -> Result<Vec<Value>, RpcError> {
    let mut all = Vec::new();
    while let Some(chunk) = stream.next().await {
        all.push(chunk?);
    }
    Ok(all)
}

/// The first chunk; the rest is given up.
async fn first(mut stream: RpcReadable) -> Result<Value, RpcError> {
    stream.next().await.unwrap_or(Ok(Value::Undefined))
}

/// So many chunks; the rest is given up for a reason.
async fn give_up(mut stream: RpcReadable, n: usize) -> Result<(), RpcError> {
    for _ in 0..n {
        stream.next().await.transpose()?;
    }
    stream.cancel(RpcError::range_error("enough"));
    Ok(())
}

async fn call_all(mut functions: RpcReadable<RpcStub>) -> Result<Vec<i64>, RpcError> {
    let mut all = Vec::new();
    while let Some(function) = functions.next().await {
        all.push(function?.invoke((1,)).await?);
    }
    Ok(all)
}

async fn pump(mut to: RpcWritable<i64>, n: i64) -> Result<i64, RpcError> {
    use futures::SinkExt;
    for i in 1..=n {
        to.send(i).await?;
    }
    to.close().await.map(|()| n)
}

fn sink(seen: &Rc<Seen>) -> RpcWritable {
    let (writable, mut readable) = rpc_pipe::<Value>();
    let seen = Rc::clone(seen);
    let promise = topsail_core::RpcPromise::<()>::from_future(async move {
        let end = loop {
            match readable.next().await {
                Some(Ok(chunk)) => seen.log.borrow_mut().push(format!("{chunk:?}")),
                Some(Err(error)) => break error.to_string(),
                None => break String::from("closed"),
            }
        };
        seen.log.borrow_mut().push(end);
        Ok::<_, RpcError>(())
    });
    drop(promise);
    writable
}

/// A sink that refuses the n-th chunk.
fn refuse(n: i64) -> RpcWritable<i64> {
    let sink = futures::sink::unfold(0, move |count, _: i64| async move {
        if count + 1 == n { Err(RpcError::range_error("enough")) } else { Ok(count + 1) }
    });
    RpcWritable::new(sink)
}
