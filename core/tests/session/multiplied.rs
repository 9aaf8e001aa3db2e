//! Capabilities that few bytes multiply: what each takes when it is sent stays within the limits.

use topsail_core::Payload;
use topsail_core::proto::{Cap, CapId, Limits, Path, PullId};

use super::bare::Bare;
use super::world::World;

/// Room for eight streams, or eight exports with the main object.
const LIMIT: usize = 8;

fn tight() -> Limits {
    let mut limits = Limits::default();
    (limits.max_open_pipes, limits.max_live_exports) = (LIMIT, LIMIT);
    limits
}

/// Doubles the value of a push `times` times; gives the push of the last.
fn double(world: &mut World, mut id: i64, times: i64) -> i64 {
    for _ in 0..times {
        world.recv(&format!(r#"["push",[[["pipeline",{id}],["pipeline",{id}]]]]"#));
        id += 1;
    }
    id
}

/// A pipe of the peer's as the value of the second push, doubled; gives the push of the last.
fn doubled_stream(world: &mut World, times: i64) -> i64 {
    world.recv(r#"["pipe"]"#);
    world.recv(r#"["push",[[["readable",1]]]]"#);
    double(world, 2, times)
}

fn count(sent: &[String], start: &str) -> usize {
    sent.iter().filter(|frame| frame.starts_with(start)).count()
}

fn bytes(sent: &[String]) -> usize {
    sent.iter().map(String::len).sum()
}

fn end(mut world: World) {
    world.disconnect();
    world.check_empty();
}

#[test]
fn a_stream_many_times_in_a_result() {
    for (times, is_sent) in [(3, true), (4, false), (16, false)] {
        let mut world = World::new(tight());
        let id = doubled_stream(&mut world, times);
        let sent = world.recv(&format!(r#"["pull",{id}]"#));
        if is_sent {
            assert_eq!(count(&sent, r#"["pipe"]"#), LIMIT);
            let locked = sent.iter().filter(|frame| frame.contains("is being read already"));
            assert_eq!(locked.count(), LIMIT - 1, "the first use is the stream");
            assert_eq!(count(&sent, r#"["resolve","#), 1);
        } else {
            let start = format!(r#"["reject",{id},["error","RangeError","more than 8 open pipes""#);
            assert_eq!(count(&sent, &start), 1, "{sent:?}");
            assert_eq!(sent.len(), 1, "{sent:?}");
            assert_eq!(world.session.stats().imports, 1);
        }
        assert!(world.session.closed().is_none());
        end(world);
    }
}

/// The peer does not answer, and what waits for its answers does not grow.
#[test]
fn a_stream_in_many_results() {
    let mut world = World::new(tight());
    let id = doubled_stream(&mut world, 2);
    let mut sent = Vec::new();
    for copy in id + 1..id + 20 {
        world.recv(&format!(r#"["push",["pipeline",{id}]]"#));
        sent.extend(world.recv(&format!(r#"["pull",{copy}]"#)));
    }
    assert_eq!(count(&sent, r#"["pipe"]"#), LIMIT);
    assert_eq!((count(&sent, r#"["resolve","#), count(&sent, r#"["reject","#)), (2, 17));
    // An answer to each `abort`: there is room again.
    let messages = sent.iter().filter(|frame| frame.starts_with(r#"["p"#) || is_stream(frame));
    for (import, frame) in messages.enumerate() {
        if is_stream(frame) {
            world.recv(&format!(r#"["resolve",{},["undefined"]]"#, import + 1));
        }
    }
    world.recv(&format!(r#"["push",["pipeline",{id}]]"#));
    let sent = world.recv(&format!(r#"["pull",{}]"#, id + 20));
    assert_eq!(count(&sent, r#"["resolve","#), 1, "{sent:?}");
    end(world);
}

fn is_stream(frame: &str) -> bool {
    frame.starts_with(r#"["stream","#)
}

#[test]
fn a_stream_many_times_in_a_call_of_the_peers() {
    let mut world = World::new(tight());
    let id = doubled_stream(&mut world, 4);
    world.recv(r#"["push",["export",-1]]"#);
    let (function, call) = (id + 1, id + 2);
    let frame = format!(r#"["push",["pipeline",{function},["f"],[["pipeline",{id}]]]]"#);
    assert_eq!(world.recv(&frame), [""; 0]);
    let sent = world.recv(&format!(r#"["pull",{call}]"#));
    assert_eq!(count(&sent, &format!(r#"["reject",{call},["error","RangeError","#)), 1, "{sent:?}");
    end(world);
}

#[test]
fn a_stream_many_times_in_a_chunk() {
    let mut world = World::new(tight());
    let id = doubled_stream(&mut world, 4);
    world.recv(r#"["pipe"]"#);
    let pipe = id + 1;
    world.recv(&format!(r#"["push",[[["readable",{pipe}]]]]"#));
    let sent = world.recv(&format!(r#"["pull",{}]"#, pipe + 1));
    assert_eq!(count(&sent, r#"["pipe"]"#), 1, "{sent:?}");
    // The peer's end of the pipe leads back to the peer, with a chunk and with one that is too much.
    let frame = format!(r#"["stream",["pipeline",{pipe},["write"],[1]]]"#);
    assert_eq!(count(&world.recv(&frame), r#"["stream",["pipeline",1,["write"],[1]]]"#), 1);
    let sent =
        world.recv(&format!(r#"["stream",["pipeline",{pipe},["write"],[["pipeline",{id}]]]]"#));
    assert_eq!(count(&sent, r#"["pipe"]"#), 0, "{sent:?}");
    let abort =
        r#"["stream",["pipeline",1,["abort"],[["error","RangeError","more than 8 open pipes"]]]]"#;
    assert_eq!(count(&sent, abort), 1, "the stream has no gap: {sent:?}");
    let reject = format!(r#"["reject",{},["error","RangeError","#, pipe + 3);
    assert_eq!(count(&sent, &reject), 1, "{sent:?}");
    end(world);
}

/// As the caller writes it, who is told by the call.
#[test]
fn streams_in_a_chunk_of_the_callers() {
    for (uses, is_sent) in [(LIMIT - 1, true), (LIMIT, false)] {
        let mut bare = Bare::new(tight());
        let main = bare.session.remote_main();
        let (writable, readable) = bare.session.pipe();
        let arguments = wrapped("[", &Payload::from_cap(Cap::Readable(readable)), "]");
        let sink = bare.session.call(main, &Path::of("f"), arguments, &mut bare.turn);
        bare.sent();
        let (inner, streams) = uses_of_a_stream(&mut bare, uses);
        let streams = wrapped("[", &streams, "]");
        let chunk = bare.session.write_at_once(writable, streams, &mut bare.turn).err();
        assert_eq!(chunk.is_none(), is_sent);
        assert_eq!(count(&bare.sent(), r#"["pipe"]"#), if is_sent { uses } else { 0 });
        if let Some(chunk) = chunk {
            let path = Path::of("write");
            let written = bare.session.call(writable, &path, chunk, &mut bare.turn);
            let sent = bare.sent();
            assert_eq!((count(&sent, r#"["pipe"]"#), count(&sent, r#"["stream","#)), (0, 1));
            bare.session.pull(written, PullId(1), &mut bare.turn);
            assert!(matches!(bare.turn.results.pop_front(), Some((PullId(1), Err(_)))));
            bare.session.release(written, &mut bare.turn);
        }
        for cap in [main, writable, sink, inner] {
            bare.session.release(cap, &mut bare.turn);
        }
        bare.end();
    }
}

fn wrapped(before: &str, payload: &Payload<Cap>, behind: &str) -> Payload<Cap> {
    let mut whole = Payload::from_text(String::from(before));
    whole.push_payload(payload, |cap| *cap);
    whole.text_mut().push_str(behind);
    whole
}

/// An array of so many uses of the readable end of a new pipe, and its writable end.
fn uses_of_a_stream(bare: &mut Bare, uses: usize) -> (CapId, Payload<Cap>) {
    let (writable, readable) = bare.session.pipe();
    let mut list = Payload::from_text(String::from("[["));
    for number in 0..uses {
        list.text_mut().push_str(if number > 0 { "," } else { "" });
        list.push_cap(Cap::Readable(readable));
        bare.session.retain(readable);
    }
    list.text_mut().push_str("]]");
    bare.session.release(readable, &mut bare.turn);
    (writable, list)
}

/// Those that the caller has count, sent or not.
#[test]
fn one_stream_of_many() {
    for (others, start) in [(LIMIT - 1, r#"["resolve",1,"#), (LIMIT, r#"["reject",1,"#)] {
        let mut bare = Bare::new(tight());
        bare.recv(r#"["push",["pipeline",0,["f"],[]]]"#);
        bare.recv(r#"["pull",1]"#);
        let held: Vec<_> = (0..others).map(|_| bare.session.pipe()).collect();
        let (writable, readable) = bare.session.pipe();
        let sent = bare.settle_with(Ok(Payload::from_cap(Cap::Readable(readable))));
        assert_eq!(count(&sent, start), 1, "{sent:?}");
        for cap in held.into_iter().flat_map(|(writable, readable)| [writable, readable]) {
            bare.session.release(cap, &mut bare.turn);
        }
        bare.session.release(writable, &mut bare.turn);
        bare.end();
    }
}

/// The reason of a stream that has failed goes out with every use of it.
#[test]
fn a_long_reason_many_times() {
    let mut limits = Limits::default();
    limits.max_copied_bytes_per_message = 1 << 16;
    for is_failure in [true, false] {
        let mut world = World::new(limits.clone());
        let why = format!(r#"["error","Error","{}"]"#, "x".repeat(1_000));
        if is_failure {
            world.recv(r#"["push",["promise",-1]]"#);
            world.recv(&format!(r#"["reject",-1,{why}]"#));
        } else {
            world.recv(r#"["pipe"]"#);
        }
        world.recv(r#"["push",[[["readable",1]]]]"#);
        let mut last = 2;
        if !is_failure {
            world.recv(&format!(r#"["stream",["pipeline",1,["abort"],[{why}]]]"#));
            world.recv(r#"["push",["pipeline",2]]"#);
            last = 4;
        }
        let id = double(&mut world, last, 7);
        let sent = world.recv(&format!(r#"["pull",{id}]"#));
        let reject = format!(r#"["reject",{id},["error","RangeError","#);
        assert_eq!(count(&sent, &reject), 1, "{} bytes", bytes(&sent));
        assert_eq!(sent.len(), 1);
        let sent = world.recv(&format!(r#"["pull",{}]"#, last + 1));
        assert_eq!(sent.iter().filter(|frame| frame.contains("xxx")).count(), 2);
        end(world);
    }
}

/// Of results that become ready at once, where nothing waits for answers any more.
#[test]
fn streams_in_many_answers_of_a_batch() {
    let mut limits = Limits::default();
    limits.max_copied_bytes_per_message = 1 << 16;
    let mut bare = Bare::new(limits);
    bare.recv(r#"["push",["pipeline",0,["f"],[]]]"#);
    for id in 2..102 {
        bare.recv(r#"["push",["pipeline",1,["a"]]]"#);
        bare.recv(&format!(r#"["pull",{id}]"#));
    }
    bare.session.end_of_input(&mut bare.turn);
    let (writable, list) = uses_of_a_stream(&mut bare, 16);
    bare.session.release(writable, &mut bare.turn);
    let value = wrapped(r#"{"a":"#, &list, "}");
    let sent = bare.settle_with(Ok(value));
    assert!(count(&sent, r#"["pipe"]"#) <= (1 << 16) / 256, "{}", count(&sent, r#"["pipe"]"#));
    assert!(count(&sent, r#"["resolve","#) > 1);
    assert!(count(&sent, r#"["reject","#) > 50);
    bare.end();
}

/// The session ends before anything of the value is written.
#[test]
fn a_promise_many_times() {
    for (times, is_sent) in [(2, true), (3, false), (16, false)] {
        let mut world = World::new(tight());
        world.recv(r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#);
        let id = double(&mut world, 1, times);
        let sent = world.recv(&format!(r#"["pull",{id}]"#));
        assert_eq!(world.session.closed().is_none(), is_sent, "{times}");
        let promises = sent.iter().map(|frame| frame.matches(r#"["promise","#).count());
        assert_eq!(promises.sum::<usize>(), if is_sent { 1 << times } else { 0 });
        if !is_sent {
            assert_eq!(count(&sent, r#"["abort",["error","RangeError","more than 8 exports""#), 1);
            assert!(bytes(&sent) < 300, "{sent:?}");
        }
        end(world);
    }
}

#[test]
fn a_promise_many_times_in_a_call_of_the_peers() {
    let mut world = World::new(tight());
    world.recv(r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#);
    let id = double(&mut world, 1, 16);
    world.recv(r#"["push",["export",-2]]"#);
    let frame = format!(r#"["push",["pipeline",{},["f"],[["pipeline",{id}]]]]"#, id + 1);
    let sent = world.recv(&frame);
    assert!(bytes(&sent) < 300, "{} bytes", bytes(&sent));
    assert_eq!(count(&sent, r#"["abort",["error","RangeError","more than 8 exports""#), 1);
    end(world);
}

#[test]
fn many_targets() {
    let mut limits = Limits::default();
    limits.max_live_exports = 3;
    let mut world = World::new(limits);
    world.recv(r#"["push",["pipeline",0,["friends"],[]]]"#);
    let sent = world.recv(r#"["pull",1]"#);
    assert!(sent.iter().all(|frame| !frame.contains(r#"["export","#)), "{sent:?}");
    assert_eq!(count(&sent, r#"["abort","#), 1);
    end(world);
}

/// What has an id, or shares one, may be there more often than exports may.
#[test]
fn capabilities_that_the_peer_knows() {
    for (value, exports) in
        [(r#"["export",-1]"#, 1), (r#"["promise",-1]"#, 1), (r#"["import",0]"#, 2)]
    {
        let mut limits = Limits::default();
        limits.max_live_exports = exports;
        let mut world = World::new(limits);
        world.recv(&format!(r#"["push",[[{value}]]]"#));
        let id = double(&mut world, 1, 6);
        let mut sent = world.recv(&format!(r#"["pull",{id}]"#));
        world.recv(&format!(r#"["push",["pipeline",{id}]]"#));
        sent.extend(world.recv(&format!(r#"["pull",{}]"#, id + 1)));
        assert_eq!(count(&sent, r#"["resolve","#), 2, "{value}: {sent:?}");
        end(world);
    }
}

/// A promise that is a target is sent as that.
#[test]
fn arguments_that_the_peer_knows() {
    let mut limits = Limits::default();
    limits.max_live_exports = 2;
    let mut world = World::new(limits);
    world.recv(r#"["push",["export",-1]]"#);
    let ours = [r#"["pipeline",0]"#; 3].join(",");
    let sent = world.recv(&format!(r#"["push",["pipeline",1,["f"],[{ours}]]]"#));
    let ours = [r#"["export",-1]"#; 3].join(",");
    assert_eq!(sent, [format!(r#"["push",["pipeline",-1,["f"],[{ours}]]]"#)]);
    end(world);
}
