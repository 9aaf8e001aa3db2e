//! How many bytes sessions take: an attachment of a WebSocket has 16,384.

use topsail_core::proto::Limits;

use super::super::table::check_all;
use super::super::world::World;
use super::frames::full_world;

/// A session, the frames that make it, and its bytes.
type Case = (&'static str, fn() -> Vec<String>, usize);

const CASES: [Case; 7] = [
    ("new", Vec::new, 10),
    ("a subscription", || subscription(1), 15),
    ("a subscription after 100,000 calls", || subscription(100_000), 17),
    (
        "a result not released",
        || vec![r#"["push",["pipeline",0,["echo"],["thirty bytes of text, or about"]]]"#.into()],
        46,
    ),
    ("10 durable targets", || counters(10), 88),
    ("100 durable targets", || counters(100), 809),
    ("1,000 durable targets", || counters(1_000), 9_786),
];

/// A callback that is kept, as the last of many calls.
fn subscription(calls: usize) -> Vec<String> {
    let mut frames = Vec::new();
    for call in 1..calls {
        frames.push(r#"["push",1]"#.into());
        frames.push(format!("[\"release\",{call},1]"));
    }
    frames.push(r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#.into());
    frames.push(format!("[\"release\",{calls},1]"));
    frames
}

fn counters(count: usize) -> Vec<String> {
    let frames = (1..=count).flat_map(|push| {
        [
            format!("[\"push\",[\"pipeline\",0,[\"makeCounter\"],[{push}]]]"),
            format!("[\"pull\",{push}]"),
            format!("[\"release\",{push},1]"),
        ]
    });
    frames.collect()
}

#[test]
fn bytes() {
    check_all(
        &CASES,
        |case| case.0,
        |(_, frames, expected)| {
            let mut world = World::new(Limits::default());
            for frame in frames() {
                world.recv(&frame);
            }
            let bytes = world.freeze().len();
            (bytes == *expected).then_some(()).ok_or_else(|| format!("{bytes} bytes"))
        },
    );
}

#[test]
fn bytes_of_a_full_world() {
    assert_eq!(full_world().freeze().len(), 547);
}

/// Three pushes, the last of which is left: a counter of 7, whose stub the peer has.
const HISTORIES: [&[&str]; 3] = [
    &[
        r#"["push",1]"#,
        r#"["push",2]"#,
        r#"["release",1,1]"#,
        r#"["release",2,1]"#,
        r#"["push",["pipeline",0,["makeCounter"],[7]]]"#,
        r#"["pull",3]"#,
    ],
    // Other slots, a forward, and a number of its own for the counter.
    &[
        r#"["push",[[["date",1],["date",2]]]]"#,
        r#"["push",["pipeline",0,["makeCounter"],[7]]]"#,
        r#"["push",["pipeline",2]]"#,
        r#"["release",1,1]"#,
        r#"["pull",3]"#,
        r#"["release",2,1]"#,
    ],
    // A stub within a stub, and a callback that has come and gone.
    &[
        r#"["push",["pipeline",0,["echo"],[["export",-1]]]]"#,
        r#"["push",["pipeline",0,["makeCounter"],[7]]]"#,
        r#"["push",["pipeline",0,["echo"],[["pipeline",2]]]]"#,
        r#"["release",2,1]"#,
        r#"["pull",3]"#,
        r#"["release",1,1]"#,
    ],
];

#[test]
fn equal_sessions_have_equal_bytes() {
    let bytes = HISTORIES.map(|frames| {
        let mut world = World::new(Limits::default());
        for frame in frames {
            world.recv(frame);
        }
        world.freeze()
    });
    assert!(bytes.iter().all(|other| *other == bytes[0]), "{bytes:?}");
}
