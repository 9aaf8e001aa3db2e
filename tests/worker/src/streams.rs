use std::time::Duration;

use futures::{SinkExt, StreamExt, sink, stream};
use serde::Serialize;
use topsail::prelude::*;
use topsail::{Bytes, Outgoing, rpc_pipe};
use worker::Delay;

/// What `sink` gives.
#[derive(Serialize)]
pub(crate) struct Sink {
    writable: RpcWritable<Outgoing>,
    result: RpcPromise<Vec<Outgoing>>,
}

/// What `sumBytes` gives.
#[derive(Default, Serialize)]
pub(crate) struct Sum {
    length: u64,
    sum: u64,
}

pub(crate) fn count_to(n: u32) -> RpcReadable<u32> {
    RpcReadable::new(stream::iter(1..=n).map(Ok::<_, RpcError>))
}

/// After so many bytes, `bytesOf` begins again.
const PATTERN: usize = 251;

/// Chunks of a pattern, whose last is as long as what is left.
pub(crate) fn bytes_of(total: usize, chunk: usize) -> RpcReadable<Bytes> {
    let starts = (0..total).step_by(chunk.max(1));
    let pattern: Vec<u8> = (0..PATTERN + chunk).map(|i| (i % PATTERN) as u8).collect();
    let part = move |start: usize| {
        let from = start % PATTERN;
        Ok::<_, RpcError>(Bytes::from(&pattern[from..from + chunk.min(total - start)]))
    };
    RpcReadable::new(stream::iter(starts.map(part)))
}

pub(crate) async fn collect(
    mut readable: RpcReadable<Outgoing>,
) -> Result<Vec<Outgoing>, RpcError> {
    let mut all = Vec::new();
    while let Some(chunk) = readable.next().await {
        all.push(chunk?);
    }
    Ok(all)
}

pub(crate) async fn sum_bytes(mut readable: RpcReadable<Bytes>) -> Result<Sum, RpcError> {
    let mut sum = Sum::default();
    while let Some(chunk) = readable.next().await {
        let chunk = chunk?;
        sum.length += chunk.len() as u64;
        sum.sum += chunk.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    }
    Ok(sum)
}

pub(crate) fn sink() -> Sink {
    let (writable, readable) = rpc_pipe();
    Sink { writable, result: RpcPromise::from_future(collect(readable)) }
}

pub(crate) async fn pump(mut writable: RpcWritable<u32>, n: u32) -> Result<u32, RpcError> {
    for i in 1..=n {
        writable.send(i).await?;
    }
    writable.close().await?;
    Ok(n)
}

pub(crate) fn slow_sink(ms: u32) -> RpcWritable<Outgoing> {
    RpcWritable::new(sink::unfold((), move |(), _chunk| async move {
        Delay::from(Duration::from_millis(ms.into())).await;
        Ok::<_, RpcError>(())
    }))
}

pub(crate) fn failing_stream(n: u32) -> RpcReadable<u32> {
    let boom = stream::iter([Err(RpcError::error("stream boom"))]);
    RpcReadable::new(stream::iter(1..=n).map(Ok).chain(boom))
}
