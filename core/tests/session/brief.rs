//! Messages that are recognized by their first bytes have the effect that they have as JSON.

use topsail_core::proto::Limits;

use super::hostile::blocks;
use super::transcript::all;
use super::world::World;

/// Hands frames to two sessions, to one as they are.
fn check_same<'f>(what: &str, limits: &Limits, frames: impl Iterator<Item = &'f str>) {
    let [mut brief, mut taped] = [(); 2].map(|()| World::new(limits.clone()));
    for frame in frames {
        assert_eq!(brief.recv(frame), taped.recv(&spaced(frame)), "{what}: {frame}");
        assert_eq!(brief.log, taped.log, "{what}: {frame}");
        assert_eq!(brief.session.stats(), taped.session.stats(), "{what}: {frame}");
    }
    for mut world in [brief, taped] {
        world.disconnect();
        world.check_empty();
    }
}

/// White space behind a message keeps it from being recognized. (Behind the end of what is cut off
/// it would be where an error is found.)
fn spaced(frame: &str) -> String {
    if frame.ends_with(']') { format!("{frame} ") } else { frame.to_owned() }
}

#[test]
fn of_clients() {
    for transcript in all() {
        let frames = transcript.steps.iter().flat_map(|step| &step.up).map(String::as_str);
        check_same(&transcript.name, &Limits::default(), frames);
    }
}

#[test]
fn of_hostile_peers() {
    for block in blocks() {
        check_same(&block.what, &Limits::default(), block.frames.iter().map(String::as_str));
    }
}

/// What calls are made on: a stub, an object with a stub, a number, a rejection, a stub of the
/// client's, a promise of the client's, and a call that waits for it.
const RESULTS: [&str; 7] = [
    r#"["push",["pipeline",0,["makeCounter"],[5]]]"#,
    r#"["push",["pipeline",0,["echo"],[{"a":["import",1]}]]]"#,
    r#"["push",["pipeline",0,["square"],[3]]]"#,
    r#"["push",["pipeline",0,["throwError"],[]]]"#,
    r#"["push",["pipeline",0,["echo"],[["export",-1]]]]"#,
    r#"["push",["pipeline",0,["echo"],[["promise",-2]]]]"#,
    r#"["push",["pipeline",1,["increment"],[["pipeline",6]]]]"#,
];

const IDS: [&str; 13] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "-1", "-0", "1.0", "999999999999999"];

const NAMES: [&str; 7] = ["echo", "increment", "", "0", "__proto__", "ech\\u006f", "\u{7f}é😀"];

const LISTS: [&str; 20] = [
    "[]",
    "[1.0,1e0,-0]",
    "[1e999]",
    r#"["\ud800"]"#,
    r#"[{"a":1,"a":2}]"#,
    r#"[{"__proto__":["export",-5],"b":["import",1]}]"#,
    r#"[["pipeline",2,["a"]]]"#,
    r#"[["pipeline",6]]"#,
    r#"[["pipeline",1,["increment"],[1]]]"#,
    r#"[["promise",-9]]"#,
    r#"[["import",99]]"#,
    "[[[[[[[[[1]]]]]]]]]",
    "[ 1 ]",
    "[1],2",
    r#"[["error","E","m",null,{"x":["export",-7]}]]"#,
    r#"[["remap",1,[],[["import",1]],[["pipeline",0]]]]"#,
    r#"["]]"]"#,
    "{}",
    "null",
    "",
];

const AFTERWARDS: [&str; 7] = [
    r#"["pull",8]"#,
    r#"["pull",8]"#,
    r#"["resolve",-2,["import",1]]"#,
    r#"["pull",7]"#,
    r#"["release",8,1]"#,
    r#"["release",1,1]"#,
    r#"["pull",1]"#,
];

#[test]
fn of_calls_on_whatever_there_is() {
    let mut low = Limits::default();
    low.max_depth_levels = 8;
    low.max_calls_in_flight = 2;
    low.max_queued_bytes = 30;
    low.max_copied_bytes_per_message = 40;
    low.max_unreleased_results = 8;
    let calls = IDS.iter().flat_map(|id| NAMES.map(|name| (id, name)));
    for ((id, name), list) in calls.flat_map(|call| LISTS.map(|list| (call, list))) {
        let call = format!(r#"["push",["pipeline",{id},["{name}"],{list}]]"#);
        for limits in [&Limits::default(), &low] {
            let frames = RESULTS.into_iter().chain([call.as_str()]).chain(AFTERWARDS);
            check_same(&call, limits, frames);
        }
    }
}
