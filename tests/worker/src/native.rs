//! What Rust does with native objects itself.

use std::cell::RefCell;
use std::rc::Rc;

use futures::{SinkExt, StreamExt};
use serde::Serialize;
use topsail::native::{MapRule, NativeRules, RegExpRule, SetRule};
use topsail::prelude::*;
use topsail::{Date, Outgoing, Value, native};
use worker::web_sys::{ReadableStream, WritableStream};

use crate::capabilities::Incrementing;

/// `JsRoom`, by its types.
#[rpc_interface]
pub(crate) trait JsRoom {
    fn set_value(&self, value: Value);
    fn get_value(&self) -> f64;
    fn get_date(&self) -> Date;
    fn make_counter(&self, i: f64) -> RpcStub<dyn Incrementing>;
    fn call_counter(&self, counter: RpcStub<dyn Incrementing>) -> f64;
    fn subscribe(&self, callback: RpcStub);
    fn notify(&self, value: f64) -> f64;
    fn make(&self, name: &str) -> Outgoing;
    fn fail(&self);
    fn hang(&self);
    fn abort(&self);
}

/// What came of it.
#[derive(Serialize)]
pub(crate) struct Used {
    value: f64,
    date: Date,
    counted: f64,
    notified: f64,
    error: RpcError,
    broken: Vec<String>,
}

/// Calls a room by its types, hands it a function, and breaks it.
pub(crate) async fn use_room(room: RpcStub<dyn JsRoom>) -> Result<Used, RpcError> {
    let broken = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&broken);
    room.on_broken(move |error| log.borrow_mut().push(format!("room: {error}")));
    room.set_value(Value::from(7.0)).await?;
    room.subscribe(topsail::function(|i: f64| i * 2.0)).await?;
    let counter = room.make_counter(1.0).await?;
    let log = Rc::clone(&broken);
    counter.on_broken(move |error| log.borrow_mut().push(format!("counter: {error}")));
    let used = Used {
        value: room.get_value().await?,
        date: room.get_date().await?,
        counted: room.call_counter(counter.dup()).await?,
        notified: room.notify(21.0).await?,
        error: room.fail().await.err().unwrap_or_else(|| RpcError::error("it did not fail")),
        broken: Vec::new(),
    };
    // What an object throws breaks no stub of it, even if it has that from one that is gone.
    let gone = |_: f64| Err::<f64, _>(RpcError::error("Network connection lost."));
    room.subscribe(topsail::try_function(gone)).await?;
    let _ = room.notify(21.0).await;
    // It rejects because the object is gone.
    let _ = room.abort().await;
    Ok(Used { broken: broken.take(), ..used })
}

/// Waits until a room breaks, in a call that is in flight; gives what was told of that.
pub(crate) async fn watch_room(room: RpcStub<dyn JsRoom>) -> Result<Vec<String>, RpcError> {
    let broken = Rc::new(RefCell::new(Vec::new()));
    let counter = room.make_counter(1.0).await?;
    let log = Rc::clone(&broken);
    room.on_broken(move |error| log.borrow_mut().push(format!("room: {error}")));
    let log = Rc::clone(&broken);
    counter.on_broken(move |error| log.borrow_mut().push(format!("counter: {error}")));
    room.set_value(Value::from("watched")).await?;
    let _ = room.hang().await;
    Ok(broken.take())
}

/// Reads from one locked stream and writes to another.
pub(crate) async fn use_locked_streams() -> Result<[RpcError; 2], RpcError> {
    let readable = ReadableStream::new().map_err(worker::Error::from)?;
    let writable = WritableStream::new().map_err(worker::Error::from)?;
    let _locks = (readable.get_reader(), writable.get_writer().map_err(worker::Error::from)?);
    let mut reader: RpcReadable<Value> = native::from_js(&readable)?;
    let mut writer: RpcWritable<Value> = native::from_js(&writable)?;
    let read = reader.next().await.and_then(Result::err);
    let written = writer.send(Value::from(1.0)).await.err();
    Ok([read, written].map(|error| error.unwrap_or_else(|| RpcError::error("it did not fail"))))
}

/// Rules that are not the default.
pub(crate) fn rules(name: &str) -> NativeRules {
    match name {
        "refuse" => {
            NativeRules { map: MapRule::Refuse, set: SetRule::Refuse, regexp: RegExpRule::Refuse }
        }
        _ => NativeRules { map: MapRule::Object, ..NativeRules::default() },
    }
}
