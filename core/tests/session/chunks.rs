//! Chunks of bytes that a host has decoded have the effect of their messages.

use topsail_core::codec;
use topsail_core::json::Tape;
use topsail_core::proto::{BytesChunk, Limits};
use topsail_core::{Bytes, RpcError};

use super::hostile::blocks;
use super::transcript::all;
use super::world::World;

/// The chunk that a message writes, if it is exactly of that form.
fn decoded(frame: &str) -> Option<BytesChunk> {
    let rest = frame.strip_prefix(r#"["stream",["pipeline","#)?;
    let (pipe, rest) = rest.split_once(r#",["write"],["#)?;
    let mut tape = Tape::default();
    tape.parse(rest.strip_suffix("]]]")?, 1).ok()?;
    let bytes: Bytes = codec::decode(tape.view(rest), &[]).ok()?;
    let chunk = BytesChunk { pipe: pipe.parse().ok()?, bytes: bytes.0 };
    (chunk.clone().into_text() == frame).then_some(chunk)
}

/// Hands frames to two sessions, to one with chunks decoded; gives how many were, and were taken so.
fn check_same<'f>(
    what: &str,
    limits: &Limits,
    frames: impl Iterator<Item = &'f str>,
) -> (usize, usize) {
    let [mut bytes, mut text] = [(); 2].map(|()| World::new(limits.clone()));
    let (mut decodable, mut taken) = (0, 0);
    for frame in frames {
        let sent = match decoded(frame) {
            Some(chunk) => {
                decodable += 1;
                let (sent, is_taken) = bytes.recv_chunk(chunk);
                taken += usize::from(is_taken);
                sent
            }
            None => bytes.recv(frame),
        };
        assert_eq!(sent, text.recv(frame), "{what}: {frame}");
        assert_eq!(bytes.log, text.log, "{what}: {frame}");
        assert_eq!(bytes.session.stats(), text.session.stats(), "{what}: {frame}");
        let ends = [&bytes, &text].map(|world| world.session.closed().map(RpcError::to_string));
        assert_eq!(ends[0], ends[1], "{what}: {frame}");
    }
    for mut world in [bytes, text] {
        world.disconnect();
        world.check_empty();
    }
    (decodable, taken)
}

#[test]
fn of_clients() {
    let mut taken = 0;
    for transcript in all() {
        let frames = transcript.steps.iter().flat_map(|step| &step.up).map(String::as_str);
        taken += check_same(&transcript.name, &Limits::default(), frames).1;
    }
    assert!(taken > 5, "{taken}");
}

#[test]
fn of_hostile_peers() {
    for block in blocks() {
        check_same(&block.what, &Limits::default(), block.frames.iter().map(String::as_str));
    }
}

/// What chunks are written to, by their ids: a pipe that is not read, one that is collected, one that
/// goes back, one whose writable end went back, that, one that is closed, one that has failed, one
/// that was released, one whose reader takes one chunk, a result, a rejection, and a promise.
const TARGETS: [&str; 22] = [
    r#"["pipe"]"#,
    r#"["pipe"]"#,
    r#"["push",["pipeline",0,["collect"],[["readable",2]]]]"#,
    r#"["pull",3]"#,
    r#"["pipe"]"#,
    r#"["push",["pipeline",0,["echo"],[["readable",4]]]]"#,
    r#"["pull",5]"#,
    r#"["pipe"]"#,
    r#"["push",["pipeline",0,["echo"],[["pipeline",6]]]]"#,
    r#"["pipe"]"#,
    r#"["stream",["pipeline",8,["close"],[]]]"#,
    r#"["pipe"]"#,
    r#"["stream",["pipeline",10,["abort"],[["error","Error","gone"]]]]"#,
    r#"["pipe"]"#,
    r#"["release",12,1]"#,
    r#"["pipe"]"#,
    r#"["push",["pipeline",0,["take"],[["readable",13],1]]]"#,
    r#"["pull",14]"#,
    r#"["push",["pipeline",0,["square"],[3]]]"#,
    r#"["push",["pipeline",0,["throwError"],[]]]"#,
    r#"["push",["pipeline",0,["echo"],[["promise",-1]]]]"#,
    r#"["push",["pipeline",0,["makeCounter"],[1]]]"#,
];

const AFTERWARDS: [&str; 5] = [
    r#"["stream",["pipeline",2,["close"],[]]]"#,
    r#"["stream",["pipeline",4,["close"],[]]]"#,
    r#"["resolve",-1,["import",2]]"#,
    r#"["push",["pipeline",0,["collect"],[["readable",1]]]]"#,
    r#"["release",2,1]"#,
];

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[test]
fn to_whatever_there_is() {
    let rows = [
        ("default", Limits::default()),
        ("message", limits(|limits| limits.max_message_bytes = 80)),
        ("unread", limits(|limits| limits.max_unread_bytes = 600)),
        ("calls", limits(|limits| limits.max_calls_in_flight = 4)),
        ("results", limits(|limits| limits.max_unreleased_results = 22)),
        ("flat", limits(|limits| limits.max_depth_levels = 2)),
        ("deeper", limits(|limits| limits.max_depth_levels = 3)),
        ("queued", limits(|limits| limits.max_queued_bytes = 10)),
        ("copied", limits(|limits| limits.max_copied_bytes_per_message = 10)),
    ];
    let (mut decodable, mut taken) = (0, 0);
    for (what, limits) in &rows {
        for id in (0..24).chain([u32::MAX]) {
            for lengths in [&[0][..], &[1, 2], &[10, 60, 3], &[7; 30]] {
                let chunks: Vec<String> = lengths
                    .iter()
                    .map(|&length| BytesChunk { pipe: id, bytes: vec![7; length] }.into_text())
                    .collect();
                let chunks = chunks.iter().map(String::as_str);
                let frames = TARGETS.into_iter().chain(chunks).chain(AFTERWARDS);
                let what = format!("{what} {id} {lengths:?}");
                let counts = check_same(&what, limits, frames);
                (decodable, taken) = (decodable + counts.0, taken + counts.1);
            }
        }
    }
    // Of 36 chunks all are decoded, and those to the ids of pipes are taken.
    assert_eq!(decodable, rows.len() * 25 * 36);
    assert!(taken > decodable / 8, "{taken} of {decodable}");
}

/// Forms that are not the one that is decoded.
#[test]
fn of_other_forms() {
    for frame in [
        r#"["stream",["pipeline",1,["write"],[["bytes","QQ=="]]]]"#,
        r#"["stream",["pipeline",1,["write"],[["bytes","QR"]]]]"#,
        r#"["stream",["pipeline",1,["write"],[["bytes","Q Q"]]]]"#,
        r#"["stream",["pipeline",01,["write"],[["bytes","QQ"]]]]"#,
        r#"["stream",["pipeline",-1,["write"],[["bytes","QQ"]]]]"#,
        r#"["stream",["pipeline",1,["write"],[["bytes","QQ","Uint8Array"]]]]"#,
        r#"["stream",["pipeline",1,["write"],[["bytes","QQ"],1]]]"#,
        r#"["push",["pipeline",1,["write"],[["bytes","QQ"]]]]"#,
    ] {
        assert_eq!(decoded(frame), None, "{frame}");
    }
}
