//! Chunks of bytes, which go from end to end as they are, are to whoever looks what their text says.

use std::collections::BTreeMap;
use std::fmt::Debug;

use futures::{SinkExt, StreamExt};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use topsail_core::{
    ByteArray, Bytes, Container, Date, Outgoing, Payload, RawChunk, RpcError, RpcReadable,
    RpcWritable, Value, codec, function, rpc_pipe,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(Bytes);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Struct {
    bytes: Bytes,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tagged {
    Bytes(Bytes),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Text(String),
    Bytes(Bytes),
}

/// Decodes anything, by itself or not at all.
#[derive(Debug, PartialEq)]
struct Lenient(Option<String>);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Lenient(String::deserialize(deserializer).ok()))
    }
}

/// What is read of a chunk that is written.
fn through<T: Serialize, U: DeserializeOwned>(chunk: T) -> Result<U, RpcError> {
    let (mut writable, readable): (RpcWritable<T>, RpcReadable<T>) = rpc_pipe();
    let mut readable = readable.cast::<U>();
    let both = futures::future::join(writable.send(chunk), readable.next());
    let (_, read) = futures::executor::block_on(both);
    read.expect("a chunk")
}

fn text_of(bytes: &[u8]) -> Outgoing {
    Payload::from_text(codec::encode(&Bytes::from(bytes)).expect("bytes").text().to_owned())
}

fn read_as<T: DeserializeOwned + Debug + PartialEq>() {
    for bytes in [&[][..], &[1], &[1, 2, 3], &[255; 100]] {
        let written = through::<_, T>(Bytes::from(bytes));
        assert_eq!(written, through(text_of(bytes)), "{}", std::any::type_name::<T>());
    }
}

#[test]
fn read_as_any_type() {
    read_as::<Bytes>();
    read_as::<Newtype>();
    read_as::<Option<Bytes>>();
    read_as::<Option<Newtype>>();
    read_as::<ByteArray>();
    read_as::<Value>();
    read_as::<Vec<u8>>();
    read_as::<(u8, u8, u8)>();
    read_as::<[u8; 1]>();
    read_as::<Untagged>();
    read_as::<Lenient>();
    read_as::<Struct>();
    read_as::<Tagged>();
    read_as::<BTreeMap<String, u8>>();
    read_as::<Date>();
    read_as::<String>();
    read_as::<char>();
    read_as::<bool>();
    read_as::<u8>();
    read_as::<i64>();
    read_as::<u128>();
    read_as::<f64>();
    read_as::<()>();
    read_as::<IgnoredAny>();
    read_as::<Outgoing>();
}

fn written<T: Serialize>(value: T) {
    let expected = codec::encode(&value).map(|payload| payload.text().to_owned());
    let read = through::<_, Outgoing>(value).map(|read| read.text().to_owned());
    assert_eq!(read, expected);
}

#[test]
fn written_by_any_type() {
    let bytes = || Bytes::from(vec![1, 2, 3, 4]);
    written(bytes());
    written(Newtype(bytes()));
    written(Some(bytes()));
    written(None::<Bytes>);
    written((bytes(),));
    written([bytes(), bytes()]);
    written(Struct { bytes: bytes() });
    written(Tagged::Bytes(bytes()));
    written(ByteArray::from(bytes()));
    written(ByteArray::new(Container::Uint16Array, bytes().0).expect("two elements"));
    written(BTreeMap::from([("a", bytes())]));
    written(());
}

/// Bytes that were written as such stay bytes, whatever else is written a value.
#[test]
fn raw_chunks() {
    let value = |json: &str| RawChunk::Value(Payload::from_text(json.to_owned()));
    let bytes = || RawChunk::Bytes(vec![1, 2, 3]);
    assert_eq!(through(Bytes::from(vec![1, 2, 3])), Ok(bytes()));
    assert_eq!(through(bytes()), Ok(bytes()));
    assert_eq!(through(bytes()), Ok(Bytes::from(vec![1, 2, 3])));
    for json in [r#"["bytes","AQID"]"#, r#"{"a":[[1]]}"#, r#"["undefined"]"#] {
        assert_eq!(through(value(json)), Ok(value(json)));
    }
    let (stub, value) =
        (Value::from(function(|i: i64| i)), |chunk: Value| chunk.as_stub().is_some());
    let raw: RawChunk = through(stub).expect("a chunk");
    assert_eq!(through(raw).map(value), Ok(true));
}

/// What is read of a stream that was sent through a pipe.
fn read_all(stream: RpcReadable<RawChunk>) -> Vec<Result<RawChunk, RpcError>> {
    let (mut writable, mut readable) = rpc_pipe();
    let both = futures::future::join(writable.send(stream), readable.next());
    let (_, stream) = futures::executor::block_on(both);
    let stream: RpcReadable<RawChunk> = stream.expect("a chunk").expect("a stream");
    futures::executor::block_on(stream.collect())
}

#[test]
fn streamed() {
    let raw = |json: &str| RawChunk::Value(Payload::from_text(json.to_owned()));
    let chunks = [RawChunk::Bytes(vec![1, 2]), raw("7"), RawChunk::Bytes(vec![])];
    let all = chunks.map(Ok::<_, RpcError>);
    assert_eq!(read_all(RpcReadable::new(futures::stream::iter(all.clone()))), all);
    let bytes = [Bytes::from(vec![1, 2])].map(Ok::<_, RpcError>);
    let stream = RpcReadable::new(futures::stream::iter(bytes)).cast();
    assert_eq!(read_all(stream), [Ok(RawChunk::Bytes(vec![1, 2]))]);
}

/// The bytes that a stream gives are those that are read.
#[test]
fn streamed_without_a_copy() {
    let (first, second) = (vec![1; 100], vec![2; 100]);
    let sent = [first.as_ptr(), second.as_ptr()];
    let raw = RpcReadable::new(futures::stream::iter([Ok::<_, RpcError>(RawChunk::Bytes(first))]));
    let typed = RpcReadable::new(futures::stream::iter([Ok::<_, RpcError>(Bytes(second))])).cast();
    let read = [raw, typed].map(|stream| match read_all(stream).pop() {
        Some(Ok(RawChunk::Bytes(bytes))) => bytes,
        other => panic!("{other:?}"),
    });
    assert_eq!(read.each_ref().map(|bytes| bytes.as_ptr()), sent);
}

/// A chunk that was read as it is can be written again.
#[test]
fn written_again() {
    let read: Outgoing = through(Bytes::from(vec![1, 2, 3])).expect("a chunk");
    assert_eq!(through(read), Ok(Bytes::from(vec![1, 2, 3])));
}
