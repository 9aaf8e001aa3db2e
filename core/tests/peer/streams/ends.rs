//! How streams end: errors, cancels and lost sessions, before the first chunk, in the middle and
//! after the last.

use std::cell::Cell;
use std::rc::Rc;

use futures::future::join;
use futures::stream::{self, StreamExt};
use futures::{SinkExt, TryStreamExt};
use topsail_core::{
    Limits, RpcError, RpcPromise, RpcReadable, RpcSessionOptions, RpcStub, RpcWritable, Value,
    rpc_pipe,
};

use super::target::Streamer;
use crate::world::World;

#[test]
fn a_source_fails() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    for n in [0, 1, 5] {
        let error = world.run(async {
            let stream: RpcReadable<i64> = api.call("fail", (n,)).await?;
            stream.try_collect::<Vec<_>>().await
        });
        assert_eq!(error.expect_err("boom").to_string(), "RangeError: boom");
        let failing =
            stream::iter(0..n).map(Ok).chain(stream::iter([Err(RpcError::error("mine"))]));
        let collected =
            world.run(api.call::<Value>("collect", (RpcReadable::<i64>::new(failing),)));
        assert_eq!(collected.expect_err("mine").to_string(), "Error: mine");
    }
    world.settle();
    assert_eq!(seen.alive.get(), 0);
    drop(api);
    world.finish();
}

#[test]
fn a_reader_gives_up() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    for n in [0, 1, 5] {
        let mut stream: RpcReadable<i64> = world.run(api.call("endless", ())).expect("a stream");
        for i in 1..=n {
            assert_eq!(world.run(stream.next()), Some(Ok(i)));
        }
        assert_eq!(seen.alive.get(), 1);
        drop(stream);
        world.settle();
        assert_eq!(seen.alive.get(), 0, "after {n} chunks");
    }
    // The other side gives up.
    let alive = Rc::new(Cell::new(true));
    let guard = Guard(Rc::clone(&alive));
    let endless = stream::iter(1..).map(move |i: i64| {
        let _ = &guard;
        Ok::<_, RpcError>(i)
    });
    let first = world.run(api.call::<i64>("first", (RpcReadable::new(endless),)));
    assert_eq!(first, Ok(1));
    world.settle();
    assert!(!alive.get());
    drop(api);
    world.finish();
}

/// Those who write get the reason of a reader elsewhere: before the first chunk, in the middle, and behind
/// the last, where `close` does.
#[test]
fn a_reader_says_why() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    for n in [0, 1, 3] {
        let (mut writable, readable) = rpc_pipe::<i64>();
        let write = async {
            for i in 1..=3 {
                writable.send(i).await?;
            }
            writable.close().await
        };
        let given_up = api.call::<()>("give_up", (readable, n));
        let (written, given_up) = world.run(join(write, given_up));
        assert_eq!((written, given_up), (Err(RpcError::range_error("enough")), Ok(())), "at {n}");
        let why = Rc::new(Cell::new(None));
        let told = Rc::clone(&why);
        let source = stream::iter(1..=3).map(Ok::<i64, RpcError>);
        let source = RpcReadable::with_cancel(source, move |reason| told.set(Some(reason)));
        world.run(api.call::<()>("give_up", (source, n))).expect("nothing");
        world.settle();
        assert_eq!(why.take(), Some(RpcError::range_error("enough")), "at {n}");
    }
    drop(api);
    world.finish();
}

struct Guard(Rc<Cell<bool>>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Has the session of the thread driven, which without a spawner is while somebody waits for it.
fn settle_local(world: &World) {
    for _ in 0..10 {
        world.run(RpcPromise::<i64>::ready(1)).expect("ready");
    }
}

/// Streams that nobody looks at, alone and in values.
#[test]
fn unused() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    drop(world.run(api.call::<Value>("count", (5,))));
    drop(world.run(api.call::<Value>("sink", ())));
    drop(api.call::<Value>("count", (5,)));
    let mine = || RpcReadable::new(stream::iter(1..10).map(Ok::<i64, RpcError>));
    world.run(api.call::<Value>("drop", ([mine(), mine()],))).expect("nothing");
    world.run(api.call::<Value>("drop", (rpc_pipe::<i64>().0,))).expect("nothing");
    world.run(api.call::<Value>("square", (mine(),))).expect_err("no such method");
    world.settle();
    assert_eq!(seen.alive.get(), 0);
    settle_local(&world);
    let log = seen.log.take();
    assert_eq!(log, ["Error: a writable stream was released before it was closed"]);
    drop(api);
    world.finish();
}

#[test]
fn a_sink_refuses() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    for n in 1..4 {
        let mut sink: RpcWritable<i64> = world.run(api.call("refuse", (n,))).expect("a sink");
        let outcome = world.run(async {
            for i in 0..10 {
                sink.send(i).await?;
            }
            sink.close().await
        });
        assert_eq!(outcome.expect_err("enough").to_string(), "RangeError: enough", "at {n}");
    }
    drop(api);
    world.finish();
}

#[test]
fn a_writer_aborts() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, _server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    for n in [0, 2] {
        let mut sink: RpcWritable<i64> = world.run(api.call("sink", ())).expect("a sink");
        world
            .run(async {
                for i in 0..n {
                    sink.send(i).await?;
                }
                Ok::<_, RpcError>(())
            })
            .expect("written");
        world.settle();
        world.run(sink.abort(RpcError::type_error("no more"))).expect("aborted");
        world.settle();
        assert_eq!(seen.log.take().last().map(String::as_str), Some("TypeError: no more"));
    }
    drop(api);
    world.finish();
}

/// Sinks that were sent, and one that was not.
#[test]
fn a_writer_says_why() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    for is_sent in [true, false] {
        let why = Rc::new(Cell::new(None));
        let told = Rc::clone(&why);
        let alive = Rc::new(Cell::new(true));
        let guard = Guard(Rc::clone(&alive));
        let sink = futures::sink::unfold(guard, |guard, _: i64| async { Ok::<_, RpcError>(guard) });
        // The sink is there until it is told.
        let on_abort = move |reason| told.set(Some(reason).filter(|_| alive.get()));
        let sink = RpcWritable::<i64>::with_abort(sink, on_abort);
        let mut sink = match is_sent {
            true => world.run(api.call("echo", (sink,))).expect("a sink"),
            false => sink,
        };
        world.run(sink.send(1)).expect("written");
        world.run(sink.abort(RpcError::type_error("no more"))).expect("aborted");
        world.settle();
        assert_eq!(why.take(), Some(RpcError::type_error("no more")), "sent: {is_sent}");
    }
    drop(api);
    world.finish();
}

#[test]
fn a_session_is_lost() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    let mut reading: RpcReadable<i64> = world.run(api.call("endless", ())).expect("a stream");
    let mut writing: RpcWritable<i64> = world.run(api.call("sink", ())).expect("a sink");
    assert_eq!(world.run(reading.next()), Some(Ok(1)));
    world.run(writing.send(1)).expect("written");
    world.settle();
    client.peer.disconnected(RpcError::error("cut"));
    server.peer.disconnected(RpcError::error("cut"));
    world.settle();
    assert_eq!(world.run(reading.next()), Some(Err(RpcError::error("cut"))));
    assert_eq!(world.run(reading.next()), None);
    let outcome = world.run(async {
        writing.send(2).await?;
        writing.close().await
    });
    assert_eq!(outcome, Err(RpcError::error("cut")));
    assert_eq!(seen.alive.get(), 0);
    settle_local(&world);
    assert_eq!(
        seen.log.take(),
        ["Number(1.0)", "Error: a writable stream was released before it was closed"]
    );
}

/// Who writes into a pipe whose other end was sent gets the reason.
#[test]
fn a_session_is_lost_to_which_a_stream_was_passed() {
    let (world, client, server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let (mut writable, readable) = rpc_pipe::<i64>();
    let collected = api.call::<Value>("collect", (readable,));
    assert_eq!(world.run(writable.send(1)), Ok(()));
    client.peer.disconnected(RpcError::error("cut"));
    server.peer.disconnected(RpcError::error("cut"));
    let outcome = world.run(async {
        writable.send(2).await?;
        writable.close().await
    });
    assert_eq!(outcome, Err(RpcError::error("cut")));
    assert_eq!(world.run(collected), Err(RpcError::error("cut")));
}

/// A stream outlives the one that brought it, and the other way round.
#[test]
fn streams_in_streams_fail_alone() {
    let (world, client, _server) = World::pair(Streamer::default());
    let api: RpcStub = client.peer.remote_main();
    let (mut outer, sent) = rpc_pipe::<RpcReadable<i64>>();
    let outcome = world.run(async {
        let mut echoed: RpcReadable<RpcReadable<i64>> = api.call("echo", (sent,)).await?;
        let (mut first, sent) = rpc_pipe::<i64>();
        let (_, first_echoed) = join(outer.send(sent), echoed.next()).await;
        let mut first_echoed = first_echoed.expect("a chunk")?;
        let (_, chunk) = join(first.send(1), first_echoed.next()).await;
        assert_eq!(chunk, Some(Ok(1)));
        // The first fails, and the outer goes on.
        let (_, chunk) = join(first.abort(RpcError::error("inner")), first_echoed.next()).await;
        assert_eq!(chunk, Some(Err(RpcError::error("inner"))));
        let (mut second, sent) = rpc_pipe::<i64>();
        let (_, second_echoed) = join(outer.send(sent), echoed.next()).await;
        let mut second_echoed = second_echoed.expect("a chunk")?;
        // The outer fails, and the second goes on.
        let (_, end) = join(outer.abort(RpcError::error("outer")), echoed.next()).await;
        assert_eq!(end.expect("an error").err(), Some(RpcError::error("outer")));
        let write = async {
            second.send(2).await?;
            second.close().await
        };
        let (written, chunk) =
            join(write, async { (second_echoed.next().await, second_echoed.next().await) }).await;
        assert_eq!((written, chunk), (Ok(()), (Some(Ok(2)), None)));
        Ok::<_, RpcError>(())
    });
    assert_eq!(outcome, Ok(()));
    drop(api);
    world.finish();
}

/// What is written is read no further ahead than the window, and goes on once a quarter of that is read.
#[test]
fn a_slow_reader_slows_the_writer() {
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, client, server) = World::pair(streamer);
    let api: RpcStub = client.peer.remote_main();
    let mut stream: RpcReadable<i64> = world.run(api.call("endless", ())).expect("a stream");
    world.settle();
    let ahead = seen.taken.get();
    let sent: usize = server.take_sent().iter().map(String::len).sum();
    assert!((256 << 10..258 << 10).contains(&sent), "{sent} bytes");
    // Nothing more before it is read.
    assert_eq!(
        world.run(api.call::<Vec<Value>>(
            "collect",
            (RpcReadable::<i64>::new(stream::iter([Ok::<_, RpcError>(1)]),),)
        )),
        Ok(vec![Value::from(1)])
    );
    assert_eq!(seen.taken.get(), ahead);
    let (quarter, some) = (ahead / 4, ahead / 80);
    let mut read = |from: u32, to: u32| {
        for i in from..to {
            assert_eq!(world.run(stream.next()), Some(Ok(i64::from(i))));
        }
        world.settle();
        seen.taken.get()
    };
    assert_eq!(read(1, quarter - some), ahead);
    let further = read(quarter - some, quarter + some) - ahead;
    assert!((quarter - some..quarter + some).contains(&further), "{quarter} {further}");
    drop((stream, api));
    world.finish();
}

/// The streams of results that nobody has pulled are open, too.
#[test]
fn own_streams_keep_to_the_limit() {
    let mut limits = Limits::default();
    limits.max_open_pipes = 4;
    let streamer = Streamer::default();
    let seen = Rc::clone(&streamer.0);
    let (world, options) = (World::new(), RpcSessionOptions::new().limits(limits));
    let (client, server) = world.link_with(None, Some(Rc::new(streamer)), options);
    let api: RpcStub = client.peer.remote_main();
    let promises: Vec<_> = (0..8).map(|_| api.call::<Value>("count", (3,))).collect();
    world.settle();
    assert_eq!(server.peer.stats().pipes, 4);
    drop(promises);
    world.settle();
    assert_eq!((server.peer.stats().pipes, seen.alive.get()), (0, 0));
    drop(api);
    world.finish();
}
