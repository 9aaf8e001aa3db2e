//! Each limit, at its edge: one value at which everything works, and one less at which it does not.

use topsail_core::proto::Limits;

use super::table::check_all;
use super::world::World;

/// What a capability counts as, beyond its text.
const CAP: usize = 32;

struct Case {
    what: &'static str,
    set: fn(&mut Limits, usize),
    /// The least value at which all is answered.
    enough: usize,
    frames: &'static [&'static str],
    /// What comes of it with one less.
    refused: Refused,
}

#[derive(Clone, Copy)]
enum Refused {
    /// The session ends, with an error of this kind.
    Abort(&'static str),
    /// This result is rejected with a `RangeError`, and the session goes on.
    Reject(i64),
}
use Refused::{Abort, Reject};

const CASES: &[Case] = &[
    Case {
        what: "message bytes",
        set: |limits, value| limits.max_message_bytes = value,
        enough: 34,
        frames: &[r#"["push","23456789012345678901234"]"#, r#"["pull",1]"#],
        refused: Abort("RangeError"),
    },
    Case {
        what: "bytes, not characters",
        set: |limits, value| limits.max_message_bytes = value,
        enough: 14,
        frames: &[r#"["push","é"]"#, r#"["pull",    1]"#],
        refused: Abort("RangeError"),
    },
    Case {
        what: "depth of objects",
        set: |limits, value| limits.max_depth_levels = value,
        enough: 4,
        frames: &[r#"["push",{"a":{"b":{"c":1}}}]"#, r#"["pull",1]"#],
        refused: Abort("TypeError"),
    },
    Case {
        what: "depth of arrays, each once",
        set: |limits, value| limits.max_depth_levels = value,
        enough: 4,
        frames: &[r#"["push",[[[[[[1]]]]]]]"#, r#"["pull",1]"#],
        refused: Abort("TypeError"),
    },
    Case {
        what: "depth of arguments",
        set: |limits, value| limits.max_depth_levels = value,
        enough: 3,
        frames: &[r#"["push",["pipeline",0,["echo"],[[[1]]]]]"#, r#"["pull",1]"#],
        refused: Abort("TypeError"),
    },
    Case {
        what: "depth of values that are put together",
        set: |limits, value| limits.max_depth_levels = value,
        enough: 4,
        frames: &[r#"["push",{"a":{"b":1}}]"#, r#"["push",{"c":["pipeline",1]}]"#, r#"["pull",2]"#],
        refused: Reject(2),
    },
    Case {
        what: "digits of a bigint",
        set: |limits, value| limits.max_bigint_digits = value,
        enough: 5,
        frames: &[r#"["push",["bigint","-12345"]]"#, r#"["pull",1]"#],
        refused: Abort("TypeError"),
    },
    Case {
        what: "exports: the main object and three more",
        set: |limits, value| limits.max_live_exports = value,
        enough: 4,
        frames: &[r#"["push",["pipeline",0,["friends"],[]]]"#, r#"["pull",1]"#],
        refused: Abort("RangeError"),
    },
    Case {
        what: "exports that come and go",
        set: |limits, value| limits.max_live_exports = value,
        enough: 2,
        frames: &[
            r#"["push",["pipeline",0,["makeCounter"],[1]]]"#,
            r#"["pull",1]"#,
            r#"["release",1,1]"#,
            r#"["release",-1,1]"#,
            r#"["push",["pipeline",0,["makeCounter"],[1]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Abort("RangeError"),
    },
    Case {
        what: "imports",
        set: |limits, value| limits.max_live_imports = value,
        enough: 3,
        frames: &[
            r#"["push",["pipeline",0,["echo"],[[[["export",-1],["export",-2],["export",-1],["export",-3]]]]]]"#,
            r#"["pull",1]"#,
        ],
        refused: Abort("RangeError"),
    },
    Case {
        what: "unreleased results",
        set: |limits, value| limits.max_unreleased_results = value,
        enough: 2,
        frames: &[
            r#"["push",1]"#,
            r#"["release",1,1]"#,
            r#"["push",2]"#,
            r#"["push",3]"#,
            r#"["pull",3]"#,
        ],
        refused: Abort("RangeError"),
    },
    Case {
        what: "calls in flight",
        set: |limits, value| limits.max_calls_in_flight = value,
        enough: 3,
        frames: &[
            r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#,
            r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#,
            r#"["push",["pipeline",0,["square"],[4]]]"#,
            r#"["pull",3]"#,
            r#"["push",["pipeline",0,["square"],[5]]]"#,
            r#"["pull",4]"#,
        ],
        refused: Reject(3),
    },
    Case {
        what: "calls that wait are in flight",
        set: |limits, value| limits.max_calls_in_flight = value,
        enough: 2,
        frames: &[
            r#"["push",["pipeline",0,["log"],[["promise",-1]]]]"#,
            r#"["push",["pipeline",0,["square"],[4]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "values that are held",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 20,
        frames: &[r#"["push","23456789"]"#, r#"["push","23456789"]"#, r#"["pull",2]"#],
        refused: Reject(2),
    },
    Case {
        what: "errors that are held: the name and the message of each",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 2 * (1 + 60),
        frames: &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["promise",-2]]"#,
            r#"["reject",-1,["error","E","345678901234567890123456789012345678901234567890123456789012"]]"#,
            r#"["reject",-2,["error","E","345678901234567890123456789012345678901234567890123456789012"]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "an error counts for each promise that it rejects",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 2 * (1 + 60),
        frames: &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["pipeline",0,["square"],[["pipeline",1]]]]"#,
            r#"["reject",-1,["error","E","345678901234567890123456789012345678901234567890123456789012"]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "errors that streams end with, and the one that a write then gets",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 3 * (1 + 60),
        frames: &[
            r#"["pipe"]"#,
            r#"["pipe"]"#,
            r#"["stream",["pipeline",1,["abort"],[["error","E","345678901234567890123456789012345678901234567890123456789012"]]]]"#,
            r#"["stream",["pipeline",2,["abort"],[["error","E","345678901234567890123456789012345678901234567890123456789012"]]]]"#,
            r#"["push",["pipeline",2,["write"],[1]]]"#,
            r#"["pull",5]"#,
        ],
        refused: Reject(5),
    },
    Case {
        what: "arguments that wait for a call",
        set: |limits, value| limits.max_queued_bytes = value,
        // Two are of the pull of the callback, and of a capability.
        enough: 2 + CAP + 15,
        frames: &[
            r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#,
            r#"["push",["pipeline",1,["x"],["345678"]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "arguments that wait for promises in them, with the names of the methods",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 2 * (16 + CAP + 5),
        frames: &[
            r#"["push",["pipeline",0,["greet"],["345678901",["promise",-1]]]]"#,
            r#"["push",["pipeline",0,["greet"],["345678901",["promise",-2]]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "a map that waits",
        set: |limits, value| limits.max_queued_bytes = value,
        enough: 2 + CAP + 26,
        frames: &[
            r#"["push",["pipeline",0,["callFunction"],[["export",-1],1]]]"#,
            r#"["push",["remap",1,["result"],[],[["pipeline",0]]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "steps of a map: two instructions for each of three",
        set: |limits, value| limits.max_map_steps_per_message = value,
        enough: 6,
        frames: &[
            r#"["push",["remap",0,["nested","list"],[],[["pipeline",0],["pipeline",1]]]]"#,
            r#"["pull",1]"#,
        ],
        refused: Reject(1),
    },
    Case {
        what: "nested maps multiply: each of three runs a map over three, and is a step itself",
        set: |limits, value| limits.max_map_steps_per_message = value,
        enough: 12,
        frames: &[
            r#"["push",[[1,2,3]]]"#,
            r#"["push",["remap",1,[],[["import",1]],[["remap",-1,[],[],[["pipeline",0]]]]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(-1),
    },
    Case {
        what: "two maps in one message",
        set: |limits, value| limits.max_map_steps_per_message = value,
        enough: 6,
        frames: &[
            r#"["push",[[1,2,3]]]"#,
            r#"["push",[[["remap",1,[],[],[["pipeline",0]]],["remap",1,[],[],[["pipeline",0]]]]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(-1),
    },
    Case {
        what: "maps of several messages do not add up",
        set: |limits, value| limits.max_map_steps_per_message = value,
        enough: 3,
        frames: &[
            r#"["push",[[1,2,3]]]"#,
            r#"["push",["remap",1,[],[],[["pipeline",0]]]]"#,
            r#"["push",["remap",1,[],[],[["pipeline",0]]]]"#,
            r#"["pull",3]"#,
        ],
        refused: Reject(3),
    },
    Case {
        what: "copies: reading a property reads the value",
        set: |limits, value| limits.max_copied_bytes_per_message = value,
        enough: 19,
        frames: &[
            r#"["push",{"a":"67890","b":1}]"#,
            r#"["push",["pipeline",1,["b"]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "copies: a result as an argument, twice",
        set: |limits, value| limits.max_copied_bytes_per_message = value,
        enough: 18,
        frames: &[
            r#"["push","2345678"]"#,
            r#"["push",["pipeline",0,["log"],[["pipeline",1],["pipeline",1]]]]"#,
            r#"["pull",2]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "copies: what a map reads and runs",
        set: |limits, value| limits.max_copied_bytes_per_message = value,
        enough: 9 + (9 + 5) + 3 * 3,
        frames: &[r#"["push",[[7,8,9]]]"#, r#"["push",["remap",1,[],[],["a"]]]"#, r#"["pull",2]"#],
        refused: Reject(2),
    },
    Case {
        what: "copies: capabilities in a result",
        set: |limits, value| limits.max_copied_bytes_per_message = value,
        enough: 9 + 2 * CAP,
        frames: &[r#"["push",[[["export",-1],["export",-1]]]]"#, r#"["pull",1]"#],
        refused: Reject(1),
    },
    Case {
        what: "copies: an error for each pull, with what is around it",
        set: |limits, value| limits.max_copied_bytes_per_message = value,
        enough: 2 * (15 + 1 + 60),
        frames: &[
            r#"["push",["promise",-1]]"#,
            r#"["push",["pipeline",1]]"#,
            r#"["pull",1]"#,
            r#"["pull",2]"#,
            r#"["reject",-1,["error","E","345678901234567890123456789012345678901234567890123456789012"]]"#,
        ],
        refused: Reject(2),
    },
    Case {
        what: "open pipes",
        set: |limits, value| limits.max_open_pipes = value,
        enough: 2,
        frames: &[r#"["pipe"]"#, r#"["pipe"]"#, r#"["push",1]"#, r#"["pull",3]"#],
        refused: Abort("RangeError"),
    },
    Case {
        what: "open pipes, those that are gone not counted",
        set: |limits, value| limits.max_open_pipes = value,
        enough: 1,
        frames: &[
            r#"["pipe"]"#,
            r#"["release",1,1]"#,
            r#"["pipe"]"#,
            r#"["push",["pipeline",0,["log"],[["readable",2]]]]"#,
        ],
        refused: Abort("RangeError"),
    },
    Case {
        what: "unread bytes of all pipes, the last byte of the second chunk",
        set: |limits, value| limits.max_unread_bytes = value,
        enough: (256 + 5) + (256 + 6),
        frames: &[
            r#"["pipe"]"#,
            r#"["pipe"]"#,
            r#"["stream",["pipeline",1,["write"],["3"]]]"#,
            r#"["stream",["pipeline",2,["write"],["34"]]]"#,
        ],
        refused: Reject(4),
    },
    Case {
        what: "calls in flight, unread chunks among them",
        set: |limits, value| limits.max_calls_in_flight = value,
        enough: 2,
        frames: &[
            r#"["pipe"]"#,
            r#"["stream",["pipeline",1,["write"],[1]]]"#,
            r#"["stream",["pipeline",1,["write"],[2]]]"#,
        ],
        refused: Reject(3),
    },
];

#[test]
fn limits_at_their_edges() {
    check_all(
        CASES,
        |case| case.what,
        |case| {
            let (sent, is_closed) = run(case, case.enough);
            let refusals = sent.iter().filter(|frame| frame.contains("Error")).count();
            if is_closed || refusals > 0 {
                return Err(format!("{} is not enough: {sent:?}", case.enough));
            }
            let (sent, is_closed) = run(case, case.enough - 1);
            let (start, ends) = match case.refused {
                Abort(kind) => (format!("[\"abort\",[\"error\",\"{kind}\","), true),
                Reject(id) => (format!("[\"reject\",{id},[\"error\",\"RangeError\","), false),
            };
            let is_refused = sent.iter().any(|frame| frame.starts_with(&start));
            (is_refused && is_closed == ends)
                .then_some(())
                .ok_or_else(|| format!("not refused: {sent:?}"))
        },
    );
}

/// What is sent under a limit, and whether the session has ended of it.
fn run(case: &Case, value: usize) -> (Vec<String>, bool) {
    let mut limits = Limits::default();
    (case.set)(&mut limits, value);
    let mut world = World::new(limits);
    let sent = case.frames.iter().flat_map(|frame| world.recv(frame)).collect();
    let is_closed = world.session.closed().is_some();
    world.disconnect();
    world.check_empty();
    (sent, is_closed)
}

/// What peers limit: `tests/peer` has the cases.
const OF_PEERS: [&str; 1] = ["max_blob_bytes"];

/// A limit without a case would go untested.
#[test]
fn every_limit_has_a_case() {
    let fields = format!("{:?}", Limits::default());
    let names = fields.split(['{', ',']).filter_map(|field| field.trim().split(':').next());
    let untouched = Limits::default();
    for name in names.filter(|name| name.starts_with("max_") && !OF_PEERS.contains(name)) {
        let is_set = |case: &Case| {
            let mut limits = untouched.clone();
            (case.set)(&mut limits, 7);
            format!("{limits:?}").contains(&format!("{name}: 7,"))
                || format!("{limits:?}").contains(&format!("{name}: 7 "))
        };
        assert!(CASES.iter().any(is_set), "{name} has no case");
    }
}
