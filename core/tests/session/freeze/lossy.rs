//! What becomes of a session whose memory is lost while something runs.

use topsail_core::RpcError;
use topsail_core::proto::{CapId, Limits, Name, Path, Pin, Session, TargetId};

use super::super::bare::Bare;
use super::super::table::check_all;
use super::{arguments, by_number, numbered};

struct Case {
    what: &'static str,
    before: &'static [&'static str],
    pins: &'static [fn(&Pin) -> bool],
    /// What is sent when the session is thawed.
    thawed: &'static [&'static str],
    /// A frame, and what is sent then.
    after: &'static [(&'static str, &'static str)],
}

const IS_CALL: fn(&Pin) -> bool = |pin| matches!(pin, Pin::Call(_));

const CASES: &[Case] = &[
    Case {
        what: "nothing runs",
        before: &[],
        pins: &[],
        thawed: &[],
        after: &[(r#"["push",1]"#, ""), (r#"["pull",1]"#, r#"["resolve",1,1]"#)],
    },
    Case {
        what: "calls that the peer waits for reject at once, in order",
        before: &[
            r#"["push",["pipeline",0,["run"],[]]]"#,
            r#"["push",["pipeline",0,["run"],[]]]"#,
            r#"["pull",2]"#,
            r#"["pull",1]"#,
        ],
        pins: &[IS_CALL, IS_CALL],
        thawed: &[
            r#"["reject",2,["error","Error","lost"]]"#,
            r#"["reject",1,["error","Error","lost"]]"#,
        ],
        after: &[
            (r#"["push",["pipeline",1,["more"],[]]]"#, ""),
            (r#"["pull",3]"#, r#"["reject",3,["error","Error","lost"]]"#),
        ],
    },
    Case {
        what: "a call that is pulled later",
        before: &[r#"["push",["pipeline",0,["run"],[]]]"#],
        pins: &[IS_CALL],
        thawed: &[],
        after: &[(r#"["pull",1]"#, r#"["reject",1,["error","Error","lost"]]"#)],
    },
    Case {
        what: "what waits for a call",
        before: &[
            r#"["push",["pipeline",0,["run"],[]]]"#,
            r#"["push",["pipeline",1,["more"],[]]]"#,
            r#"["push",["pipeline",0,["run"],[["pipeline",1,["property"]]]]]"#,
            r#"["pull",3]"#,
        ],
        pins: &[IS_CALL, |pin| *pin == Pin::Waiting(3)],
        thawed: &[r#"["reject",3,["error","Error","lost"]]"#],
        after: &[(r#"["pull",2]"#, r#"["reject",2,["error","Error","lost"]]"#)],
    },
    Case {
        what: "a write that nobody has read is answered, and released by that",
        before: &[
            r#"["pipe"]"#,
            r#"["push",["pipeline",0,["run"],[["readable",1]]]]"#,
            r#"["stream",["pipeline",1,["write"],[1]]]"#,
        ],
        pins: &[IS_CALL, IS_CALL, |pin| *pin == Pin::Stream],
        thawed: &[r#"["reject",3,["error","Error","lost"]]"#],
        after: &[
            (r#"["release",1,1]"#, ""),
            (r#"["release",3,1]"#, r#"["abort",["error","Error","no such export ID: 3"]]"#),
        ],
    },
    Case {
        what: "a pipe whose readable end has not been used",
        before: &[r#"["pipe"]"#],
        pins: &[|pin| *pin == Pin::Stream],
        thawed: &[],
        after: &[
            (
                r#"["stream",["pipeline",1,["write"],[1]]]"#,
                r#"["reject",2,["error","Error","lost"]]"#,
            ),
            (r#"["push",{"readable":["readable",1]}]"#, ""),
            (
                r#"["pull",3]"#,
                r#"["pipe"]
["stream",["pipeline",1,["abort"],[["error","Error","lost"]]]]
["resolve",3,{"readable":["readable",1]}]
["release",1,1]"#,
            ),
            (r#"["push",1]"#, ""),
            (r#"["pull",4]"#, r#"["resolve",4,1]"#),
        ],
    },
];

#[test]
fn what_runs_is_lost() {
    check_all(CASES, |case| case.what, check);
}

fn check(case: &Case) -> Result<(), String> {
    let mut bare = Bare::new(Limits::default());
    case.before.iter().for_each(|frame| drop(bare.recv(frame)));
    let pins = hibernate(&mut bare, &[], &mut numbered);
    if pins.len() != case.pins.len() || !pins.iter().zip(case.pins).all(|(pin, is)| is(pin)) {
        return Err(format!("{pins:?}"));
    }
    let sent = bare.sent();
    if sent != case.thawed {
        return Err(format!("thawed: {sent:?}"));
    }
    for (frame, expected) in case.after {
        let sent = bare.recv(frame).join("\n");
        if sent != *expected {
            return Err(format!("{frame}: {sent}"));
        }
    }
    Ok(())
}

/// Loses all but the lossy bytes, and goes on.
fn hibernate(
    bare: &mut Bare,
    held: &[(u32, CapId)],
    name: &mut dyn FnMut(TargetId) -> Name,
) -> Vec<Pin> {
    let (mut bytes, lost) = (Vec::new(), RpcError::error("lost"));
    let pins = bare.session.freeze_lossy(held, name, &lost, &mut bytes).expect("it freezes");
    bare.calls.clear();
    let (main, limits) = (Some(TargetId(0)), Limits::default());
    let thawed = Session::thaw(&bytes, main, limits, &mut by_number, &mut bare.turn);
    bare.session = thawed.expect("it thaws").session;
    pins
}

#[test]
fn a_target_without_a_name_is_lost() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["run"],[]]]"#);
    let target = bare.session.target(TargetId(1));
    let call = bare.calls.pop_front().expect("a call");
    let value = topsail_core::Payload::from_cap(topsail_core::proto::Cap::Stub(target));
    bare.session.settle(call.answer, Ok(value), &mut bare.turn);
    assert_eq!(bare.recv(r#"["pull",1]"#), [r#"["resolve",1,["export",-1]]"#]);
    let pins = hibernate(&mut bare, &[], &mut |_| Name::Pin);
    assert_eq!(pins, [Pin::Target(TargetId(1))]);
    bare.recv(r#"["push",["pipeline",-1,["method"],[]]]"#);
    assert_eq!(bare.recv(r#"["pull",2]"#), [r#"["reject",2,["error","Error","lost"]]"#]);
}

/// The peer's objects that the caller holds count unless they are listed.
#[test]
fn what_is_held_in_memory() {
    let mut bare = Bare::new(Limits::default());
    let pins = |bare: &Bare, held: &[(u32, CapId)]| {
        let lost = RpcError::error("lost");
        bare.session.freeze_lossy(held, &mut numbered, &lost, &mut Vec::new()).expect("it freezes")
    };
    let main = bare.session.remote_main();
    assert_eq!(pins(&bare, &[]), [Pin::Held(1)]);
    assert_eq!(pins(&bare, &[(0, main)]), []);
    bare.session.release(main, &mut bare.turn);
    assert_eq!(pins(&bare, &[]), []);
    bare.recv(r#"["push",["pipeline",0,["run"],[["export",-1],["export",-2]]]]"#);
    let mut call = bare.calls.pop_front().expect("a call");
    let caps = call.take_caps();
    bare.session.settle(call.answer, Ok(topsail_core::Payload::default()), &mut bare.turn);
    let [first, second] = [caps[0].id(), caps[1].id()];
    assert_eq!(pins(&bare, &[]), [Pin::Held(2)]);
    assert_eq!(pins(&bare, &[(0, first)]), [Pin::Held(1)]);
    assert_eq!(pins(&bare, &[(0, first), (1, second)]), []);
    bare.session.retain(first);
    assert_eq!(pins(&bare, &[(0, first), (1, second)]), [Pin::Held(1)]);
    assert_eq!(pins(&bare, &[(0, first), (1, second), (2, first)]), []);
    bare.session.release(first, &mut bare.turn);
    // A promise of a call that nobody awaits yet, and the peer's main object.
    let result = bare.session.call(second, &Path::new(), arguments(), &mut bare.turn);
    assert_eq!(pins(&bare, &[(0, first), (1, second)]), [Pin::Held(1)]);
    bare.session.release(result, &mut bare.turn);
    let main = bare.session.remote_main();
    assert_eq!(pins(&bare, &[(0, first), (1, second)]), [Pin::Held(1)]);
    bare.session.release(main, &mut bare.turn);
    assert_eq!(pins(&bare, &[(0, first), (1, second)]), []);
}

#[test]
fn an_end_is_not_saved() {
    let mut bare = Bare::new(Limits::default());
    bare.session.disconnected(RpcError::error("gone"), &mut bare.turn);
    let (mut bytes, lost) = (Vec::new(), RpcError::error("lost"));
    let frozen = bare.session.freeze_lossy(&[], &mut numbered, &lost, &mut bytes);
    assert_eq!(frozen.map_err(|pinned| pinned.0), Err(vec![Pin::Closed]));
    assert!(bytes.is_empty());
}

#[test]
fn a_target_that_does_not_fit_breaks() {
    let mut bare = Bare::new(Limits::default());
    let stub = bare.session.target(TargetId(1));
    bare.session.break_target(TargetId(1), RpcError::type_error("no such state"));
    assert!(!bare.session.holds(TargetId(1)));
    let result = bare.session.call(stub, &Path::of("method"), arguments(), &mut bare.turn);
    bare.session.pull(result, topsail_core::proto::PullId(1), &mut bare.turn);
    let (_, result) = bare.turn.results.pop_front().expect("a result");
    assert_eq!(result, Err(RpcError::type_error("no such state")));
}
