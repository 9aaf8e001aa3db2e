//! Snapshots as bytes and back, and those that must not come back.

use super::*;
use crate::proto::Limits;
use crate::proto::ids::{ExportId, ImportId};
use crate::{Payload, RpcError};

fn read_back(snapshot: &Snapshot) -> Result<Snapshot, ThawError> {
    let mut bytes = Vec::new();
    snapshot.write(&mut bytes);
    read(&bytes, &Limits::default())
}

fn value(text: &str, links: &[(u32, bool)]) -> Node {
    let mut value = Payload::empty();
    let mut pieces = text.split("[]");
    value.text_mut().push_str(pieces.next().unwrap_or_default());
    for (piece, &(node, is_promise)) in pieces.zip(links) {
        value.push_cap(Link { node, is_promise });
        value.text_mut().push_str(piece);
    }
    Node::Value(value)
}

fn peer(id: i64, is_promise: bool, is_pulled: bool) -> Node {
    Node::Peer(PeerEntry { id: ImportId(id), refs: 1, is_promise, is_pulled })
}

fn entry(id: i64, node: u32, kind: EntryKind) -> Entry {
    Entry { id: ExportId(id), node, refs: 1, kind, is_pulled: false }
}

fn waiting(id: i64, is_streamed: bool) -> Waiting {
    Waiting { id: ExportId(id), is_streamed }
}

const STUB: EntryKind = EntryKind::Stub { is_known: true };

/// A snapshot with everything.
fn full() -> Snapshot {
    let thrown = RpcError::thrown("text".into(), Some(r#""text""#.into()));
    let received =
        RpcError::received("Error".into(), "m".into(), Some("at".into()), r#""a":1"#.into());
    let target = SturdyRef { kind: "room".into(), state: "{}".into() };
    Snapshot {
        last_push: 1 << 40,
        last_export: -300,
        last_import: 9,
        nodes: vec![
            value(r#"[[[],{"a":[]},[]]]"#, &[(1, false), (2, true), (9, false)]),
            Node::Target(target.clone()),
            value("[]", &[(3, false)]),
            peer(-7, false, false),
            peer(-8, true, true),
            peer(8, true, false),
            peer(9, true, true),
            Node::Failed(RpcError::error("room").with_stack("of mine").with_prop("b", "room")),
            Node::Failed(thrown),
            Node::Main,
            Node::PeerMain,
            Node::Target(target),
            Node::Failed(received),
            Node::Peer(PeerEntry {
                id: ImportId(-(1 << 53)),
                refs: MAX_NUMBER,
                is_promise: false,
                is_pulled: false,
            }),
            value(&format!("\"{}\"", "long".repeat(100)), &[]),
        ],
        main: MainExport::Pulled,
        exports: vec![
            entry(1, 0, EntryKind::Result),
            Entry { is_pulled: true, ..entry(200, 4, EntryKind::Result) },
            entry(1 << 40, 6, EntryKind::Result),
            Entry { refs: 1000, ..entry(-1, 1, STUB) },
            entry(-2, 4, EntryKind::Promise),
            Entry { is_pulled: true, ..entry(-300, 8, EntryKind::Stub { is_known: false }) },
        ],
        waiting: vec![waiting(1 << 40, true), waiting(-2, false)],
        held: vec![(0, 3), (0, 7), (u32::MAX, 10)],
    }
}

#[test]
fn there_and_back() {
    for snapshot in [Snapshot::default(), full()] {
        assert_eq!(read_back(&snapshot), Ok(snapshot));
    }
}

/// A change to the full snapshot, and why it is refused.
type Change = (fn(&mut Snapshot), &'static str);

const CHANGES: [Change; 25] = [
    (|s| s.nodes.push(Node::Main), "a main object is there twice"),
    (|s| s.nodes.push(Node::PeerMain), "a main object is there twice"),
    (|s| s.nodes.push(value("[]", &[(1, true)])), "a value is one promise"),
    (|s| s.nodes.push(value("[]", &[(15, false)])), "a stub of a stub"),
    (|s| s.nodes.push(value("[[[]]]", &[(2, false)])), "a stub of a stub"),
    (|s| s.nodes.push(value("[[[]]]", &[(16, false)])), "a capability is no node"),
    (|s| s.nodes.push(value("[1]", &[])), "a value is no expression"),
    (|s| s.nodes.push(value("[[1, 2]]", &[])), "a value is no expression"),
    (|s| s.nodes.push(peer(-7, false, false)), "an import is there twice"),
    (|s| s.nodes.push(peer(10, true, false)), "an import with a wrong id"),
    (|s| s.nodes.push(peer(i64::MIN, false, false)), "an id is too large"),
    (|s| s.last_push = i64::MAX, "an id is too large"),
    (|s| s.last_export = -299, "an export with a wrong id"),
    (|s| s.exports[2].id = ExportId((1 << 40) + 1), "an export with a wrong id"),
    (|s| s.exports[1].id = ExportId(1), "an export with a wrong id"),
    (|s| s.exports[4].id = ExportId(-1), "an export with a wrong id"),
    (|s| s.exports[0].node = 15, "an export is no node"),
    (|s| s.held.push((u32::MAX, 15)), "what is held is no node"),
    (|s| s.waiting.push(waiting(-2, false)), "an export that cannot wait"),
    (|s| s.waiting.push(waiting(5, false)), "an export that cannot wait"),
    (|s| s.waiting.push(waiting(200, false)), "an export that cannot wait"),
    (|s| s.waiting.push(waiting(-1, false)), "an export that cannot wait"),
    (|s| s.waiting[1].is_streamed = true, "an export that cannot wait"),
    (|s| s.nodes[12] = error(r#""a":["import",0]"#), "an error holds what is no expression"),
    (|s| s.nodes[12] = error(r#""a":1},{"b":2"#), "an error holds what is no expression"),
];

fn error(props: &str) -> Node {
    Node::Failed(RpcError::received("Error".into(), "m".into(), None, props.into()))
}

#[test]
fn refused_snapshots() {
    for (number, (change, expected)) in CHANGES.into_iter().enumerate() {
        let mut snapshot = full();
        change(&mut snapshot);
        assert_eq!(read_back(&snapshot), Err(ThawError::Malformed(expected)), "{number}");
    }
}

#[test]
fn refused_bytes() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let table: [(&[u8], &str); 14] = [
        (&[], "it ends too early"),
        (&[0, 0, 0, 0xff, 0x7f], "a count exceeds the bytes"),
        (&[0, 0, 0, 2, 9], "a count exceeds the bytes"),
        (&[0, 0, 0, 1, 5, 0, 1, 1, 0, 0, 0, 0], "an import with a wrong id"),
        (&[0, 0, 0, 1, 5, 1, 0, 1, 0, 0, 0, 0], "an import with a wrong count"),
        (&[0, 0, 0, 1, 9, 0], "an unknown kind of node"),
        (&[0, 0, 0, 1, 2, 4, b'a'], "it ends too early"),
        (&[0, 0, 0, 1, 2, 2, 0xff, 0], "a text is no UTF-8"),
        (&[0, 0, 0, 1, 4, 0, 2, b'a', 1], "no such earlier word"),
        (&[0, 0, 0, 1, 4, 2, 0, 0], "unknown flags of an error"),
        (&[0, 0, 0, 1, 4, 16, 0, 0], "unknown flags of an error"),
        (&[0, 0, 0, 0, 3], "an unknown state of the main object"),
        (&[0, 0, 0, 0, 1, 0, 1, 1, 3, 0], "unknown flags of an export"),
        (&[0, 0, 0, 0, 1, 0, 0, 0, 0, 0], "bytes behind the end"),
    ];
    let check = |bytes: &[u8], expected| {
        let bytes = [&[tag::VERSION], bytes].concat();
        assert_eq!(read(&bytes, &Limits::default()), Err(ThawError::Malformed(expected)));
    };
    for (bytes, expected) in table {
        check(bytes, expected);
    }
    check(&[&huge[..], &[1]].concat(), "an id is too large");
    check(&[&huge[..], &[2]].concat(), "a number is too large");
}

/// Short words are written once; long ones as often as they are there, or a few bytes could stand
/// for more memory than there is.
#[test]
fn repeated_words() {
    for (length, bytes) in [(1, 4), (2, 4), (128, 2 + 128 + 1), (129, 2 * (2 + 129))] {
        let error = RpcError::new("x".repeat(length), "x".repeat(length));
        let snapshot = Snapshot { nodes: vec![Node::Failed(error)], ..Snapshot::default() };
        let (mut empty, mut out) = (Vec::new(), Vec::new());
        Snapshot::default().write(&mut empty);
        snapshot.write(&mut out);
        assert_eq!(out.len() - empty.len(), 2 + bytes, "{length}");
        assert_eq!(read_back(&snapshot), Ok(snapshot));
    }
}

/// Only so many words are looked through for each other.
#[test]
fn many_words() {
    let words = (0..100).chain(0..100);
    let nodes = words.map(|word| Node::Failed(RpcError::new(format!("word {word}"), "message")));
    let snapshot = Snapshot { nodes: nodes.collect(), ..Snapshot::default() };
    let (mut bytes, mut first) = (Vec::new(), Snapshot::default());
    snapshot.write(&mut bytes);
    first.nodes.extend_from_slice(&snapshot.nodes[..100]);
    let mut half = Vec::new();
    first.write(&mut half);
    // The word "message" is one of the 64.
    let repeated = 63 * 4 + 37 * 11;
    assert_eq!(bytes.len() - half.len(), repeated + 1);
    assert_eq!(read_back(&snapshot), Ok(snapshot));
}
