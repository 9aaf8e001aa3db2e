use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Sink, SinkExt, StreamExt};
use serde::Deserialize;
use topsail::prelude::*;
use topsail::{Bytes, Value};

use super::place::Place;

/// What one end does: how many chunks pass before it ends, and how it does.
#[derive(Clone, Deserialize)]
pub(crate) struct Script {
    pub(super) name: String,
    chunks: u32,
    end: End,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum End {
    /// Writes no more.
    Close,
    /// Aborts.
    Fail,
    /// Writes until it fails.
    More,
    /// Reads until there is no more.
    All,
    /// Refuses to read more.
    Cancel,
    /// Reads all, and refuses the end.
    Refuse,
    /// Lets go of the stream.
    Drop,
}

impl Script {
    /// Whether chunks or the end are refused.
    pub(super) fn refuses(&self) -> bool {
        matches!(self.end, End::Cancel | End::Refuse)
    }
}

/// Whoever goes on writing chunks of so many bytes soon notices that nobody reads.
const MUCH: usize = 64 << 10;

/// Writes by a script. Gives what became of it.
pub(super) async fn write(mut to: RpcWritable, script: &Script, place: Place) -> String {
    let written = write_all(&mut to, script, place).await;
    let done = match (written, script.end) {
        (Err(error), _) => Err(error),
        (Ok(()), End::Close) => to.close().await.map(|()| "closed"),
        (Ok(()), End::Fail) => to.abort(RpcError::range_error("given up")).await.map(|()| "failed"),
        (Ok(()), _) => Ok("dropped"),
    };
    done.map_or_else(|error| error.to_string(), str::to_owned)
}

async fn write_all(to: &mut RpcWritable, script: &Script, place: Place) -> Result<(), RpcError> {
    for i in 1..=script.chunks {
        to.send(chunk(i, place)).await?;
    }
    if script.end == End::More {
        loop {
            to.send(Value::Bytes(Bytes(vec![0; MUCH]).into())).await?;
        }
    }
    Ok(())
}

fn chunk(i: u32, place: Place) -> Value {
    match place.is_body() {
        true => Value::Bytes(Bytes(vec![i as u8]).into()),
        false => i.into(),
    }
}

/// Reads by a script. Gives what became of it.
pub(super) async fn read(mut from: RpcReadable, script: &Script) -> String {
    let mut count = 0;
    while script.end == End::All || count < script.chunks {
        match from.next().await {
            None => return format!("closed after {count}"),
            Some(Err(error)) => return error.to_string(),
            Some(Ok(chunk)) => count += size(&chunk, count),
        }
    }
    match script.end {
        End::Cancel => {
            from.cancel(enough());
            "cancelled".to_owned()
        }
        _ => "dropped".to_owned(),
    }
}

/// How many chunks it counts as: as many as follow the last one. A body may have joined some.
fn size(chunk: &Value, count: u32) -> u32 {
    let follows = |(i, number): (u32, f64)| number == f64::from(count + 1 + i);
    match chunk {
        Value::Number(number) => u32::from(follows((0, *number))),
        Value::Bytes(bytes) => {
            let numbers = (0..).zip(bytes.as_bytes().iter().map(|&byte| byte.into()));
            numbers.take_while(|&pair| follows(pair)).count() as u32
        }
        _ => 0,
    }
}

fn enough() -> RpcError {
    RpcError::range_error("enough")
}

/// A stream that refuses a chunk or its end, and notes that it did.
pub(super) fn refusing(script: Script, note: fn(String, String)) -> RpcWritable {
    RpcWritable::new(Refusing { count: 0, script, note })
}

struct Refusing {
    count: u32,
    script: Script,
    note: fn(String, String),
}

impl Refusing {
    fn refuse(&self) -> RpcError {
        (self.note)(self.script.name.clone(), "cancelled".to_owned());
        enough()
    }
}

impl Sink<Value> for Refusing {
    type Error = RpcError;

    fn poll_ready(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, _chunk: Value) -> Result<(), RpcError> {
        if self.script.end == End::Cancel && self.count == self.script.chunks {
            return Err(self.refuse());
        }
        self.count += 1;
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), RpcError>> {
        if self.script.end == End::Refuse {
            return Poll::Ready(Err(self.refuse()));
        }
        (self.note)(self.script.name.clone(), format!("closed after {}", self.count));
        Poll::Ready(Ok(()))
    }
}
