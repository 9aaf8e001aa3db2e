//! What prevents freezing.

use topsail_core::proto::{Cap, Limits, Name, Path, Pin, PullId, TargetId};
use topsail_core::{Payload, RpcError};

use super::super::bare::Bare;
use super::super::table::check_all;
use super::{arguments, numbered};

/// What makes a session that cannot be frozen, and the pins.
type Case = (&'static str, fn(&mut Bare) -> Vec<Pin>);

const CASES: [Case; 10] = [
    ("nothing", |_| vec![]),
    ("a call that runs", |bare| {
        bare.recv(r#"["push",["pipeline",0,["run"],[]]]"#);
        vec![Pin::Call(bare.calls[0].answer)]
    }),
    ("a call that runs and whose result is released", |bare| {
        bare.recv(r#"["push",["pipeline",0,["run"],[]]]"#);
        bare.recv(r#"["release",1,1]"#);
        vec![Pin::Call(bare.calls[0].answer)]
    }),
    ("a pipelined call, a read, a map, and a call that waits for its argument", |bare| {
        for frame in [
            r#"["push",["pipeline",0,["run"],[]]]"#,
            r#"["push",["pipeline",1,["more"],[]]]"#,
            r#"["push",["pipeline",1,["property"]]]"#,
            r#"["push",["remap",1,[],[],[1]]]"#,
            r#"["push",["pipeline",0,["run"],[["pipeline",2]]]]"#,
        ] {
            bare.recv(frame);
        }
        vec![Pin::Call(bare.calls[0].answer), Pin::Waiting(4)]
    }),
    ("a call that waits for a promise of the peer's", |bare| {
        bare.recv(r#"["push",["pipeline",0,["run"],[["promise",-1]]]]"#);
        vec![Pin::Waiting(1)]
    }),
    ("a promise of the caller's", |bare| {
        let (_, answer) = bare.session.promise();
        vec![Pin::Call(answer)]
    }),
    ("a pull of ours", |bare| {
        let main = bare.session.remote_main();
        let promise = bare.session.call(main, &Path::of("go"), arguments(), &mut bare.turn);
        bare.session.pull(promise, PullId(8), &mut bare.turn);
        vec![Pin::Pull(PullId(8))]
    }),
    ("a call of ours without a pull", |bare| {
        let main = bare.session.remote_main();
        bare.session.call(main, &Path::of("go"), arguments(), &mut bare.turn);
        vec![]
    }),
    ("an end", |bare| {
        bare.session.disconnected(RpcError::error("gone"), &mut bare.turn);
        vec![Pin::Closed]
    }),
    ("the end of an HTTP batch", |bare| {
        bare.session.end_of_input(&mut bare.turn);
        vec![Pin::Closed]
    }),
];

#[test]
fn activity() {
    check_all(
        &CASES,
        |case| case.0,
        |(_, prepare)| {
            let mut bare = Bare::new(Limits::default());
            let expected = prepare(&mut bare);
            let pins = bare.session.pins(&[], &mut numbered);
            let mut bytes = vec![1, 2];
            let frozen = bare.session.freeze(&[], &mut numbered, &mut bytes);
            assert_eq!(bare.session.is_quiescent(), expected.is_empty());
            assert_eq!(frozen.err().map(|pinned| pinned.0).unwrap_or_default(), expected);
            assert_eq!((bytes.len() == 2, &bytes[..2]), (!expected.is_empty(), &[1, 2][..]));
            (pins == expected).then_some(()).ok_or_else(|| format!("{pins:?}"))
        },
    );
}

#[test]
fn targets_without_names() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["run"],[]]]"#);
    let mut value = Payload::from_text("[[".into());
    for (target, next) in [(1, ","), (2, ","), (1, "]]")] {
        value.push_cap(Cap::Stub(bare.session.target(TargetId(target))));
        value.text_mut().push_str(next);
    }
    let call = bare.calls.pop_front().expect("a call");
    bare.session.settle(call.answer, Ok(value), &mut bare.turn);
    // One that only memory holds, and one that durable state does.
    let (_, held) = (bare.session.target(TargetId(3)), bare.session.target(TargetId(4)));
    assert!(bare.session.is_quiescent());
    let pins = bare.session.pins(&[(0, held)], &mut |_| Name::Pin);
    assert_eq!(pins, [4, 1, 2].map(|target| Pin::Target(TargetId(target))));
    let mut name = |target| if target == TargetId(2) { Name::Pin } else { numbered(target) };
    let pinned = bare.session.freeze(&[], &mut name, &mut Vec::new()).expect_err("pinned");
    assert_eq!(pinned.to_string(), "the session cannot be frozen: target 2 has no name");
    bare.recv(r#"["release",1,1]"#);
    assert_eq!(bare.session.pins(&[], &mut |_| Name::Pin), []);
}

#[test]
fn values_that_are_none() {
    for (text, why) in [
        (r#"["headers",[[]]]"#, "TypeError: unknown special value: [\"headers\",[[]]]"),
        ("[1]", "TypeError: unknown special value: [1]"),
        (r#"["export",-1]"#, "TypeError: a capability outside of a hole"),
        ("[]", "TypeError: a hole without capability"),
        ("[[1, 2]]", "TypeError: white space between tokens"),
    ] {
        let mut bare = Bare::new(Limits::default());
        let value = bare.session.resolved(Payload::from_text(text.into()));
        match bare.session.pins(&[(1, value)], &mut numbered).as_slice() {
            [Pin::Value(error)] => assert_eq!(error.to_string(), why),
            pins => panic!("{text}: {pins:?}"),
        }
    }
}
