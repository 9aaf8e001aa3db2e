//! Streams as arguments and results, in both directions, alone and nested.

use std::rc::Rc;

use futures::stream::{self, StreamExt};
use futures::{FutureExt, SinkExt, TryStreamExt};
use topsail_core::{Bytes, RpcError, RpcReadable, RpcStub, RpcWritable, Value, rpc_pipe};

use super::target::{Handing, Streamer};
use crate::world::World;

fn numbers(n: i64) -> RpcReadable<i64> {
    RpcReadable::new(stream::iter(1..=n).map(Ok::<_, RpcError>))
}

#[test]
fn a_result() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    for n in [0, 1, 1000] {
        let all: Vec<i64> = world
            .run(async {
                let stream: RpcReadable<i64> = api.call("count", (n,)).await?;
                stream.try_collect().await
            })
            .expect("chunks");
        assert_eq!(all, (1..=n).collect::<Vec<_>>());
        world.settle();
        assert_eq!(seen.alive.get(), 0);
    }
    drop(api);
    world.finish();
}

#[test]
fn an_argument() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let collected = world.run(api.call::<Vec<i64>>("collect", (numbers(3),)));
    assert_eq!(collected, Ok(vec![1, 2, 3]));
    let bytes = stream::iter(0..100).map(|_| Ok::<_, RpcError>(Bytes::from(vec![2; 10_000])));
    let sum = world.run(api.call::<u64>("sum", (RpcReadable::new(bytes),)));
    assert_eq!(sum, Ok(2_000_000));
    drop(api);
    world.finish();
}

/// Received streams that go back, and values with several of them.
#[test]
fn passed_on() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let value = (("a", numbers(2)), [numbers(3), numbers(0)]);
    type Echoed = ((String, RpcReadable<i64>), Vec<RpcReadable<i64>>);
    let all = world.run(async {
        let ((_, first), rest): Echoed = api.call("echo", (value,)).await?;
        let mut all = vec![first.try_collect::<Vec<i64>>().await?];
        for stream in rest {
            all.push(stream.try_collect().await?);
        }
        Ok::<_, RpcError>(all)
    });
    assert_eq!(all, Ok(vec![vec![1, 2], vec![1, 2, 3], vec![]]));
    // The server's own, back to it.
    let counted: RpcReadable = world.run(api.call("count", (4,))).expect("a stream");
    let collected = world.run(api.call::<Vec<i64>>("collect", (counted,)));
    assert_eq!(collected, Ok(vec![1, 2, 3, 4]));
    // Without waiting for it.
    let counted = api.call::<RpcReadable>("count", (5,));
    let collected = world.run(api.call::<Vec<i64>>("collect", (counted,)));
    assert_eq!(collected, Ok(vec![1, 2, 3, 4, 5]));
    drop(api);
    world.finish();
}

#[test]
fn writables() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    // To the client.
    let (writable, readable) = rpc_pipe::<i64>();
    let pumped = api.call::<i64>("pump", (writable, 100));
    let (all, pumped) = world.run(futures::future::join(readable.try_collect::<Vec<_>>(), pumped));
    assert_eq!((all, pumped), (Ok((1..=100).collect()), Ok(100)));
    // To the server.
    let written = world.run(async {
        let mut sink: RpcWritable = api.call("sink", ()).await?;
        sink.send(Value::from(1)).await?;
        sink.send(Value::from("two")).await?;
        sink.close().await
    });
    assert_eq!(written, Ok(()));
    assert_eq!(seen.log.take(), ["Number(1.0)", "String(\"two\")", "closed"]);
    // The server's own, back to it.
    let pumped = world.run(async {
        let sink: RpcWritable = api.call("sink", ()).await?;
        api.call::<i64>("pump", (sink, 2)).await
    });
    assert_eq!(pumped, Ok(2));
    assert_eq!(seen.log.take(), ["Number(1.0)", "Number(2.0)", "closed"]);
    // And the client's, back to it.
    let written = world.run(async {
        let (writable, readable) = rpc_pipe::<i64>();
        let mut echoed: RpcWritable<i64> = api.call("echo", (writable,)).await?;
        let write = async {
            echoed.send(7).await?;
            echoed.close().await
        };
        futures::future::try_join(readable.try_collect::<Vec<_>>(), write).await
    });
    assert_eq!(written.map(|(all, ())| all), Ok(vec![7]));
    drop(api);
    world.finish();
}

/// Capabilities in chunks live until their receiver drops them.
#[test]
fn stubs_in_chunks() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let called = world.run(async {
        let stream: RpcReadable<RpcStub> = api.call("counters", (3,)).await?;
        let functions: Vec<RpcStub> = stream.try_collect().await?;
        let mut all = Vec::new();
        for function in functions {
            all.push(function.invoke::<i64>((10,)).await?);
        }
        Ok::<_, RpcError>(all)
    });
    assert_eq!(called, Ok(vec![10, 11, 12]));
    let functions = stream::iter(0..3)
        .map(|i| Ok::<_, RpcError>(topsail_core::function(move |j: i64| i * 10 + j)));
    let called = world.run(api.call::<Vec<i64>>("call_all", (RpcReadable::new(functions),)));
    assert_eq!(called, Ok(vec![1, 11, 21]));
    drop(api);
    world.finish();
}

/// A stream of streams.
#[test]
fn streams_in_chunks() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let streams = RpcReadable::new(stream::iter(1..=3).map(|n| Ok::<_, RpcError>(numbers(n))));
    let all = world.run(async {
        let mut echoed: RpcReadable<RpcReadable<i64>> = api.call("echo", (streams,)).await?;
        let mut all = Vec::new();
        while let Some(inner) = echoed.next().await {
            all.push(inner?.try_collect::<Vec<i64>>().await?);
        }
        Ok::<_, RpcError>(all)
    });
    assert_eq!(all, Ok(vec![vec![1], vec![1, 2], vec![1, 2, 3]]));
    drop(api);
    world.finish();
}

/// From one session to another, through a process in the middle.
#[test]
fn through_a_third() {
    let world = World::new();
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (middle, _server) = world.link(None, Some(Rc::new(streamer)));
    let remote: RpcStub = middle.peer.remote_main();
    let (client, _) = world.link(None, Some(Rc::new(Handing(remote.clone()))));
    let api: RpcStub = client.peer.remote_main();
    let server = api.call::<RpcStub>("hand", ()).stub::<topsail_core::Untyped>();
    let counted = world.run(async {
        let stream: RpcReadable<i64> = server.call("count", (50,)).await?;
        stream.try_collect::<Vec<_>>().await
    });
    assert_eq!(counted, Ok((1..=50).collect()));
    let collected = world.run(server.call::<Vec<i64>>("collect", (numbers(50),)));
    assert_eq!(collected, Ok((1..=50).collect()));
    let written = world.run(async {
        let mut sink: RpcWritable<i64> = server.call("sink", ()).await?;
        sink.send(1).await?;
        sink.close().await
    });
    assert_eq!(written, Ok(()));
    assert_eq!(seen.log.take(), ["Number(1.0)", "closed"]);
    let (writable, readable) = rpc_pipe::<i64>();
    let pumped = server.call::<i64>("pump", (writable, 3));
    let (all, pumped) = world.run(futures::future::join(readable.try_collect::<Vec<_>>(), pumped));
    assert_eq!((all, pumped), (Ok(vec![1, 2, 3]), Ok(3)));
    drop((api, server, remote));
    world.finish();
}

/// What is no stream, or another one.
#[test]
fn misfits() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let cases: [(Value, &str); 4] = [
        (1.into(), "collect: argument 0: expected a readable stream, found a number"),
        (
            Value::from(topsail_core::function(|| 1)),
            "collect: argument 0: expected a readable stream, found a stub",
        ),
        (
            Value::from(rpc_pipe::<i64>().0),
            "collect: argument 0: expected a readable stream, found a writable stream",
        ),
        (
            Value::from(numbers(1)),
            "pump: argument 0: expected a writable stream, found a readable stream",
        ),
    ];
    for (value, expected) in cases {
        let method = expected.split(':').next().expect("a method");
        let error = world.run(api.call::<Value>(method, (value, 1))).expect_err(expected);
        assert_eq!(error.message(), expected);
    }
    // A chunk of the wrong type ends the stream.
    let chunks = world.run(async {
        let stream: RpcReadable<String> = api.call("count", (3,)).await?;
        Ok::<_, RpcError>(stream.collect::<Vec<_>>().await)
    });
    let chunks = chunks.expect("a stream");
    assert_eq!(chunks.len(), 1);
    let error = chunks[0].as_ref().expect_err("a misfit");
    assert_eq!(error.to_string(), "TypeError: chunk: expected a string, found a number");
    drop(api);
    world.finish();
}

/// Who has begun to read passes no stream on that lacks a chunk, whether that has come or not.
#[test]
fn a_stream_that_is_being_read_is_not_passed_on() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let expected = "TypeError: the stream is being read already";
    for has_come in [false, true] {
        let begun = || {
            let mut stream: RpcReadable = world.run(api.call("count", (4,))).expect("a stream");
            assert!(stream.next().now_or_never().is_none());
            if has_come {
                world.settle();
            }
            stream
        };
        let collected = world.run(api.call::<Vec<i64>>("collect", (begun(),)));
        assert_eq!(collected.unwrap_err().to_string(), expected);
        let raw = begun().into_raw();
        let collected = world.run(api.call::<Vec<i64>>("collect", (raw,)));
        assert_eq!(collected.unwrap_err().to_string(), expected);
        let read = world.run(begun().cast::<i64>().try_collect::<Vec<_>>());
        assert_eq!(read.unwrap_err().to_string(), expected);
    }
    drop(api);
    world.finish();
}
