//! Few bytes that ask for much: memory, time and stack stay bounded.

use topsail_core::RpcError;
use topsail_core::proto::Limits;

use super::bare::{Bare, on_small_stack};
use super::table::check_all;
use super::world::World;

/// Limits that a test reaches soon.
fn tight() -> Limits {
    let mut limits = Limits::default();
    limits.max_message_bytes = 1 << 20;
    limits.max_queued_bytes = 1 << 20;
    limits.max_copied_bytes_per_message = 1 << 20;
    limits
}

#[test]
fn doubling_arguments() {
    on_small_stack(|| {
        let mut world = World::new(tight());
        world.recv(r#"["push","0123456789"]"#);
        for id in 1..=40 {
            world.recv(&format!(r#"["push",[[["pipeline",{id}],["pipeline",{id}]]]]"#));
            assert!(world.session.stats().bytes <= 1 << 20);
        }
        let sent = world.recv(r#"["pull",41]"#);
        assert!(sent.iter().all(|frame| frame.len() < 1 << 20));
        assert!(world.recv(r#"["pull",5]"#)[0].starts_with(r#"["resolve",5,"#));
        world.disconnect();
        world.check_empty();
    });
}

/// The value comes last, so that nothing could be put in place before.
#[test]
fn doubling_promises() {
    on_small_stack(|| {
        for pull in [10, 20, 30, 41] {
            let mut world = World::new(tight());
            world.recv(r#"["push",["promise",-1]]"#);
            for id in 1..=40 {
                world.recv(&format!(r#"["push",[[["pipeline",{id}],["pipeline",{id}]]]]"#));
            }
            world.recv(&format!(r#"["push",["pipeline",0,["log"],[["pipeline",{pull}]]]]"#));
            let mut sent = world.recv(r#"["resolve",-1,"0123456789"]"#);
            sent.extend(world.recv(&format!(r#"["pull",{pull}]"#)));
            assert!(sent.iter().map(String::len).sum::<usize>() < 2 << 20);
            assert!(world.log.iter().all(|entry| entry.len() < 1 << 20));
            let is_answered = sent.iter().any(|frame| frame.contains("0123456789"));
            assert_eq!(is_answered, pull == 10, "{pull}");
            world.disconnect();
            world.check_empty();
        }
    });
}

#[test]
fn many_gets_of_a_large_value() {
    let mut bare = Bare::new(tight());
    bare.recv(&format!(r#"["push",{{"a":"{}"}}]"#, "x".repeat(100_000)));
    let gets = vec![r#"["pipeline",1,["a"]]"#; 10_000].join(",");
    bare.recv(&format!(r#"["push",[[{gets}]]]"#));
    assert!(bare.session.closed().is_none());
    assert!(bare.session.stats().bytes <= 1 << 20);
    // One after the other is no better: what is held counts.
    for id in 3..100 {
        bare.recv(r#"["push",["pipeline",1,["a"]]]"#);
        assert!(bare.session.stats().bytes <= 1 << 20, "push {id}");
    }
    bare.end();
}

/// A value that many wait for is not sent to each without end.
#[test]
fn many_pulls_of_one_value() {
    let mut bare = Bare::new(tight());
    bare.recv(r#"["push",["pipeline",0,["slow"],[]]]"#);
    for id in 2..1_000 {
        bare.recv(r#"["push",["pipeline",1]]"#);
        bare.recv(&format!(r#"["pull",{id}]"#));
    }
    let sent = bare.settle(&format!("\"{}\"", "x".repeat(100_000)));
    assert_eq!(sent.len(), 998, "each pull has an answer");
    assert!(sent.iter().map(String::len).sum::<usize>() < 2 << 20);
    bare.end();
}

/// Nor copied into the arguments of each call.
#[test]
fn many_calls_with_one_value() {
    let mut bare = Bare::new(tight());
    bare.recv(r#"["push",["pipeline",0,["slow"],[]]]"#);
    for _ in 0..1_000 {
        bare.recv(r#"["push",["pipeline",0,["log"],[["pipeline",1]]]]"#);
    }
    bare.settle(&format!("\"{}\"", "x".repeat(100_000)));
    let held: usize = bare.arguments().iter().map(String::len).sum();
    assert!(held < 2 << 20, "{held}");
    let calls = vec![r#"["pipeline",0,["log"],[["pipeline",1]]]"#; 1_000].join(",");
    bare.recv(&format!(r#"["push",[[{calls}]]]"#));
    assert!(bare.arguments().iter().map(String::len).sum::<usize>() < held + (2 << 20));
    bare.end();
}

/// An error that many depend on is neither held nor sent for each of them.
#[test]
fn many_that_depend_on_one_error() {
    for depends in [
        r#"["pipeline",1]"#,
        r#"["pipeline",1,["a"],[1]]"#,
        r#"["pipeline",0,["log"],[["pipeline",1]]]"#,
        r#"["remap",1,[],[],[1]]"#,
    ] {
        let mut bare = Bare::new(tight());
        bare.recv(r#"["push",["pipeline",0,["slow"],[]]]"#);
        for id in 2..=1_000 {
            bare.recv(&format!(r#"["push",{depends}]"#));
            bare.recv(&format!(r#"["pull",{id}]"#));
        }
        let sent = bare.settle_with(Err(RpcError::error("x".repeat(100_000))));
        let answers = sent.iter().filter(|frame| frame.starts_with("[\"reject\",")).count();
        assert_eq!(answers, 999, "{depends}: each pull has an answer");
        let length = sent.iter().map(String::len).sum::<usize>();
        assert!(length < 2 << 20, "{depends}: {length} bytes are sent");
        // The last refusals are held above the limit.
        let held = bare.session.stats().bytes;
        assert!(held < (1 << 20) + 1_000 * 100, "{depends}: {held} bytes are held");
        bare.end();
    }
}

/// Each message may be long, and what it brings is kept.
#[test]
fn many_long_errors() {
    let mut bare = Bare::new(tight());
    let error = format!(r#"["error","Error","","",{{"a":"{}"}}]"#, "x".repeat(100_000));
    let (mut results, mut bound) = (0, 1 << 20);
    for id in 1..=30 {
        results += 3;
        bound += 3 * 100;
        bare.recv(&format!(r#"["push",["promise",-{id}]]"#));
        bare.recv(&format!(r#"["reject",-{id},{error}]"#));
        bare.recv(r#"["pipe"]"#);
        bare.recv(&format!(r#"["push",["pipeline",{},["abort"],[{error}]]]"#, results - 1));
        let held = bare.session.stats().bytes;
        assert!(held < bound, "{held} bytes are held after {id}");
    }
    assert!(bare.recv(r#"["pull",1]"#)[0].len() > 100_000, "the first one is as it was sent");
    assert!(bare.recv(r#"["pull",88]"#)[0].contains("the session would hold more than 1048576"));
    bare.end();
}

/// Where nothing more may be held or copied, an error that is shorter than the refusal of it is
/// what it was.
#[test]
fn short_errors_get_through() {
    let mut limits = tight();
    (limits.max_queued_bytes, limits.max_copied_bytes_per_message) = (0, 0);
    let mut bare = Bare::new(limits);
    bare.recv(r#"["push",["promise",-1]]"#);
    bare.recv(r#"["reject",-1,["error","E","no"]]"#);
    assert_eq!(bare.recv(r#"["pull",1]"#), [r#"["reject",1,["error","E","no"]]"#]);
    bare.end();
}

/// What has failed may be used as a few streams, each of whose readers is told why.
#[test]
fn many_readers_of_one_error() {
    let mut limits = tight();
    limits.max_queued_bytes = 64 << 20;
    let mut bare = Bare::new(limits);
    bare.recv(r#"["push",["promise",-1]]"#);
    bare.recv(&format!(r#"["reject",-1,["error","Error","{}"]]"#, "x".repeat(100_000)));
    for (readers, id, told) in [(3, 2, 3), (500, 3, 0)] {
        let readables = vec![r#"["readable",1]"#; readers].join(",");
        bare.recv(&format!(r#"["push",[[{readables}]]]"#));
        let sent = bare.recv(&format!(r#"["pull",{id}]"#));
        let aborts = sent.iter().filter(|frame| frame.contains(r#"["abort"]"#)).count();
        let is_refused = sent.iter().any(|frame| frame.contains("a message copies more than"));
        assert_eq!((aborts, is_refused), (told, told == 0));
        assert!(sent.iter().map(String::len).sum::<usize>() < 2 << 20);
    }
    bare.end();
}

/// Escapes make an error longer than what is held of it.
#[test]
fn errors_that_grow_when_they_are_sent() {
    let mut bare = Bare::new(tight());
    bare.recv(r#"["push",["promise",-1]]"#);
    bare.recv(r#"["push",["pipeline",1]]"#);
    bare.recv(r#"["pull",1]"#);
    bare.recv(r#"["pull",2]"#);
    let error = format!(r#"["error","Error","{}"]"#, "\\u0000".repeat(100_000));
    let sent = bare.recv(&format!(r#"["reject",-1,{error}]"#));
    assert!(sent[1].contains(&error), "the first one is sent as it is");
    assert!(sent[2].contains("a message copies more than"), "{} bytes", sent[2].len());
    bare.end();
}

/// What an error says of a path or a name is short, whatever was sent.
#[test]
fn errors_that_name_what_was_sent() {
    let name = "x".repeat(10_000);
    let table = [
        (format!(r#"["pipeline",1,["a","{name}"],[]]"#), "'a.xxxx"),
        (format!(r#"["pipeline",1,["b","{name}"],[]]"#), "(reading 'xxxx"),
        (format!(r#"["pipeline",0,["__proto__","{name}"],[]]"#), "(reading 'xxxx"),
        (format!(r#"["pipeline",0,["__proto__{name}","a"],[]]"#), ""),
        (format!(r#"["pipeline",2,["{name}"],[]]"#), "no method 'xxxx"),
    ];
    for (expression, start) in table {
        let mut world = World::new(tight());
        world.recv(r#"["push",{"a":1}]"#);
        world.recv(r#"["pipe"]"#);
        world.recv(&format!(r#"["push",{expression}]"#));
        let sent = world.recv(r#"["pull",3]"#).concat();
        assert!(sent.starts_with(r#"["reject",3,"#) && sent.contains(start), "{sent}");
        assert!(sent.chars().count() < 250 && (sent.contains("x…'") || start.is_empty()), "{sent}");
        world.disconnect();
        world.check_empty();
    }
}

#[test]
fn maps_that_write_much() {
    let mut world = World::new(tight());
    world.recv(r#"["push",["pipeline",0,["range"],[1000]]]"#);
    let text = "x".repeat(100_000);
    world.recv(&format!(r#"["push",["remap",1,[],[],["{text}"]]]"#));
    world.recv(&format!(r#"["push",["remap",1,[],[],["{text}",1]]]"#));
    assert!(world.session.stats().bytes <= 1 << 20);
    let sent = [world.recv(r#"["pull",2]"#), world.recv(r#"["pull",3]"#)].concat();
    assert!(sent.iter().all(|frame| frame.contains("RangeError")), "{sent:?}");
    world.disconnect();
    world.check_empty();
}

/// What a message may copy is also what its maps may read on the way to properties: a value with
/// many members is not looked through for each of many variables.
#[test]
fn maps_that_read_much() {
    let mut limits = tight();
    limits.max_message_bytes = 2 << 20;
    limits.max_queued_bytes = 4 << 20;
    // Enough for the map itself, and not for one look at the value more.
    limits.max_copied_bytes_per_message = 5 << 20;
    let mut world = World::new(limits);
    let members = vec![r#""":1"#; 300_000].join(",");
    let properties = vec![r#"["pipeline",0,["a"]]"#; 30_000].join(",");
    world.recv(&format!(r#"["push",{{{members},"a":1}}]"#));
    world.recv(&format!(r#"["push",["remap",1,[],[],[[[{properties}]]]]]"#));
    let sent = world.recv(r#"["pull",2]"#);
    assert_eq!(sent.len(), 1 + 30_000, "each property is answered");
    assert!(sent[1..].iter().all(|frame| frame.contains("a message copies more than")));
    world.disconnect();
    world.check_empty();
}

/// Promises that lead back to themselves. None of these may hang, and at the end nothing is left.
const CIRCLES: &[(&str, &[&str])] = &[
    (
        "direct",
        &[r#"["push",["promise",-1]]"#, r#"["pull",1]"#, r#"["resolve",-1,["pipeline",1]]"#],
    ),
    (
        "of two",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["promise",-2]]"#,
            r#"["pull",1]"#,
            r#"["pull",2]"#,
            r#"["resolve",-1,["pipeline",2]]"#,
            r#"["resolve",-2,["pipeline",1]]"#,
        ],
    ),
    (
        "of three, backwards",
        &[
            r#"["push",[[["promise",-1],["promise",-2],["promise",-3]]]]"#,
            r#"["push",["pipeline",1,[0]]]"#,
            r#"["push",["pipeline",1,[1]]]"#,
            r#"["push",["pipeline",1,[2]]]"#,
            r#"["resolve",-3,["pipeline",2]]"#,
            r#"["resolve",-2,["pipeline",4]]"#,
            r#"["resolve",-1,["pipeline",3]]"#,
            r#"["pull",1]"#,
            r#"["pull",3]"#,
        ],
    ),
    (
        "through a stub",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["resolve",-1,["import",1]]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",1,["x"],[]]]"#,
            r#"["pull",2]"#,
        ],
    ),
    (
        "through two stubs",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["promise",-2]]"#,
            r#"["resolve",-1,["import",2]]"#,
            r#"["resolve",-2,["import",1]]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",2,["x"]]]"#,
        ],
    ),
    (
        "through a payload, with a target in it",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["pipeline",0,["makeCounter"],[1]]]"#,
            r#"["resolve",-1,{"a":["pipeline",1],"b":["pipeline",2]}]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",1,["a","a","a","b","value"]]]"#,
            r#"["push",["pipeline",0,["log"],[["pipeline",1]]]]"#,
            r#"["pull",4]"#,
        ],
    ),
    (
        "through a stub in a payload",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["resolve",-1,{"a":["import",1],"b":["export",-7]}]"#,
            r#"["pull",1]"#,
        ],
    ),
    (
        "through two payloads",
        &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["promise",-2]]"#,
            r#"["resolve",-1,{"a":["pipeline",2],"b":["pipeline",2]}]"#,
            r#"["resolve",-2,{"a":["pipeline",1],"b":["pipeline",1]}]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",0,["log"],[["pipeline",2]]]]"#,
        ],
    ),
    (
        "a call that waits for its result",
        &[
            r#"["push",["pipeline",0,["echo"],[["promise",-1]]]]"#,
            r#"["pull",1]"#,
            r#"["resolve",-1,["pipeline",1]]"#,
        ],
    ),
    (
        "a call that waits for a property of its result",
        &[
            r#"["push",["pipeline",0,["echo"],[["promise",-1]]]]"#,
            r#"["push",["pipeline",1,["x"]]]"#,
            r#"["push",["remap",2,[],[["import",1]],[["pipeline",-1]]]]"#,
            r#"["pull",3]"#,
            r#"["resolve",-1,{"a":["pipeline",3]}]"#,
        ],
    ),
    (
        "two calls that wait for each other",
        &[
            r#"["push",["pipeline",0,["echo"],[["promise",-1]]]]"#,
            r#"["push",["pipeline",0,["echo"],[["promise",-2]]]]"#,
            r#"["resolve",-1,["pipeline",2]]"#,
            r#"["resolve",-2,["pipeline",1]]"#,
            r#"["release",1,1]"#,
            r#"["release",2,1]"#,
        ],
    ),
];

#[test]
fn circles() {
    on_small_stack(|| {
        check_all(
            CIRCLES,
            |(what, _)| what,
            |(_, frames)| {
                let mut world = World::new(Limits::default());
                for frame in *frames {
                    world.recv(frame);
                    assert!(world.session.closed().is_none(), "{frame}");
                }
                let sent = world.recv(r#"["push",["pipeline",0,["square"],[3]]]"#);
                assert!(sent.is_empty(), "the session goes on");
                world.disconnect();
                world.check_empty();
                Ok(())
            },
        );
    });
}

const LONG: i64 = 100_000;

#[test]
fn long_chains_of_promises() {
    on_small_stack(|| {
        let mut world = World::new(Limits::default());
        world.recv(r#"["push",["pipeline",0,["echo"],[["promise",-1]]]]"#);
        world.recv(r#"["pull",1]"#);
        for id in 1..LONG {
            let sent = world.recv(&format!(r#"["resolve",-{id},["promise",-{}]]"#, id + 1));
            assert_eq!(sent, [format!(r#"["release",-{id},1]"#)]);
        }
        let sent = world.recv(&format!(r#"["resolve",-{LONG},"end"]"#));
        assert_eq!(sent.last().map(String::as_str), Some(r#"["resolve",1,"end"]"#));
        world.recv(r#"["release",1,1]"#);
        assert_eq!(world.session.stats().nodes, 2, "what passed the value on is gone");
    });
}

/// Many that wait at the head of a chain that goes on growing.
#[test]
fn long_chains_with_many_waiters() {
    on_small_stack(|| {
        let mut bare = Bare::new(Limits::default());
        bare.recv(r#"["push",["promise",-1]]"#);
        for id in 2..1_000 {
            bare.recv(r#"["push",["pipeline",1]]"#);
            bare.recv(&format!(r#"["pull",{id}]"#));
        }
        let holes = vec![r#"["pipeline",1]"#; 10_000].join(",");
        bare.recv(&format!(r#"["push",["pipeline",0,["log"],[{holes}]]]"#));
        for id in 1..LONG {
            bare.recv(&format!(r#"["resolve",-{id},["promise",-{}]]"#, id + 1));
        }
        assert_eq!(bare.calls.len(), 0);
        let sent = bare.recv(&format!(r#"["resolve",-{LONG},7]"#));
        assert_eq!(sent.len(), 1 + 998);
        assert_eq!(bare.arguments()[0].len(), 2 * 10_000 + 1);
        bare.end();
    });
}

#[test]
fn long_chains_of_calls() {
    on_small_stack(|| {
        let mut bare = Bare::new(Limits::default());
        bare.recv(r#"["push",["pipeline",0,["a"],[]]]"#);
        for id in 1..LONG {
            bare.recv(&format!(r#"["push",["pipeline",{id},["x"]]]"#));
        }
        let sent = bare.recv(&format!(r#"["pull",{LONG}]"#));
        assert!(sent.is_empty());
        let sent = bare.settle("{\"x\":1}");
        assert_eq!(sent.len(), 1, "the second property of a number's property");
        bare.end();
    });
}

#[test]
fn many_waiters_at_one_promise() {
    on_small_stack(|| {
        let mut bare = Bare::new(Limits::default());
        bare.recv(r#"["push",["pipeline",0,["slow"],[]]]"#);
        for id in 0..LONG {
            bare.recv(&format!(r#"["push",["pipeline",1,["n{id}"],[]]]"#));
        }
        assert_eq!(bare.session.stats().calls, LONG as usize + 1);
        let main = topsail_core::Payload::from_cap(topsail_core::proto::Cap::Stub(
            bare.session.target(topsail_core::proto::TargetId(0)),
        ));
        bare.settle_with(Ok(main));
        let methods = bare.methods();
        assert!(methods.iter().enumerate().all(|(id, name)| *name == format!("n{id}")));
        assert_eq!(methods.len(), LONG as usize);
        bare.end();
    });
}

/// Each value holds the one before it as a promise.
#[test]
fn values_within_values() {
    on_small_stack(|| {
        let mut bare = Bare::new(Limits::default());
        bare.recv(r#"["push",["promise",-1]]"#);
        bare.recv(r#"["push",["pipeline",0,["log"],[["pipeline",1]]]]"#);
        for id in 1..2_000 {
            bare.recv(&format!(r#"["resolve",-{id},{{"a":["promise",-{}]}}]"#, id + 1));
        }
        bare.recv(r#"["push",1]"#);
        for id in 3..2_000 {
            bare.recv(&format!(r#"["push",{{"a":["pipeline",{id}]}}]"#));
            bare.recv(&format!(r#"["pull",{}]"#, id + 1));
        }
        assert!(bare.session.closed().is_none());
        let sent = bare.recv(r#"["pull",1999]"#);
        assert!(sent.iter().all(|frame| frame.matches('{').count() < 256));
        bare.end();
    });
}

/// Calls in arguments and maps in maps, which are evaluated by recursion: so deep and no deeper.
#[test]
fn deep_nesting() {
    let calls = |count: usize| {
        let (open, close) = (r#"["pipeline",0,["f"],["#, "]]");
        format!("[\"push\",{}1{}]", open.repeat(count), close.repeat(count))
    };
    let maps = |count: usize| {
        let (open, close) = (r#"["remap",0,[],[],["#, "]]");
        format!("[\"push\",{}1{}]", open.repeat(count), close.repeat(count))
    };
    on_small_stack(move || {
        let mut bare = Bare::new(Limits::default());
        bare.recv(&calls(32));
        assert_eq!(bare.calls.len(), 1, "the others wait for the innermost");
        for (id, count, answer) in [(2, 16, "resolve"), (3, 17, "reject"), (4, 250, "reject")] {
            bare.recv(&maps(count));
            let sent = bare.recv(&format!("[\"pull\",{id}]"));
            assert!(sent[0].contains(answer), "{sent:?}");
        }
        bare.end();
        for count in [33, 250] {
            let mut bare = Bare::new(Limits::default());
            assert!(bare.recv(&calls(count))[0].contains("RangeError"));
            assert!(bare.calls.is_empty(), "nothing runs");
            bare.end();
        }
    });
}
