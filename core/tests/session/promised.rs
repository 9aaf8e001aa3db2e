//! Calls that are answered with promises that take calls themselves.

use topsail_core::proto::{AnswerId, Cap, Limits, Name, Pin, TargetId};
use topsail_core::{Payload, RpcError};

use super::bare::Bare;

/// What stands for the promise.
const PROMISE: TargetId = TargetId(9);

/// A call is made, and answered with a promise.
fn promised() -> Bare {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["make"],[]]]"#);
    let call = bare.calls.pop_front().expect("a call");
    bare.session.settle_promised(call.answer, PROMISE, &mut bare.turn);
    assert!(bare.turn.wanted.is_empty());
    bare
}

/// The answer that is wanted now.
fn wanted(bare: &mut Bare) -> AnswerId {
    let wanted = std::mem::take(&mut bare.turn.wanted);
    let [(answer, PROMISE)] = wanted[..] else { panic!("{wanted:?}") };
    answer
}

fn resolve(bare: &mut Bare, answer: AnswerId, value: &str) -> Vec<String> {
    let value = Payload::from_text(value.to_owned());
    bare.session.settle(answer, Ok(value), &mut bare.turn);
    bare.sent()
}

fn end(mut bare: Bare) {
    bare.session.disconnected(RpcError::error("gone"), &mut bare.turn);
    bare.sent();
    while !bare.calls.is_empty() {
        bare.settle("1");
    }
    bare.turn.dropped.retain(|&target| target != PROMISE);
    bare.end();
}

/// What is done with the result, and whether its value is wanted for that.
const USES: [(&str, bool); 8] = [
    (r#"["push",["pipeline",1,["method"],[1]]]"#, false),
    (r#"["push",["pipeline",1,[],[1]]]"#, false),
    (r#"["push",["pipeline",1,["a","b"]]]"#, false),
    (r#"["push",["pipeline",0,["take"],[["import",1]]]]"#, false),
    (r#"["pull",1]"#, true),
    (r#"["push",["pipeline",0,["take"],[["pipeline",1]]]]"#, true),
    (r#"["push",["remap",1,[],[],[1]]]"#, true),
    (r#"["push",["pipeline",1,["method"],[["pipeline",1]]]]"#, true),
];

#[test]
fn the_value_is_wanted_by_who_needs_it() {
    for (frame, is_wanted) in USES {
        let mut bare = promised();
        bare.recv(frame);
        assert_eq!(!bare.turn.wanted.is_empty(), is_wanted, "{frame}");
        if is_wanted {
            let answer = wanted(&mut bare);
            resolve(&mut bare, answer, "5");
        }
        end(bare);
    }
}

#[test]
fn calls_go_to_it_at_once_and_in_order() {
    let mut bare = promised();
    for frame in [
        r#"["push",["pipeline",1,["first"],[1]]]"#,
        r#"["push",["pipeline",1,["second"],[2]]]"#,
        r#"["push",["pipeline",1,["third"]]]"#,
        r#"["pull",1]"#,
        r#"["push",["pipeline",1,["fourth"],[4]]]"#,
    ] {
        bare.recv(frame);
    }
    assert_eq!(bare.methods(), ["first", "second", "third", "fourth"]);
    assert!(bare.calls.iter().all(|call| call.target == PROMISE));
    let answer = wanted(&mut bare);
    assert_eq!(resolve(&mut bare, answer, "[[]]"), [r#"["resolve",1,[[]]]"#]);
    // From now on they go to the value.
    bare.recv(r#"["push",["pipeline",1,["length"]]]"#);
    assert_eq!(bare.methods().len(), 4);
    bare.recv(r#"["release",1,1]"#);
    end(bare);
}

#[test]
fn calls_that_waited_for_the_answer_follow_it() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["make"],[]]]"#);
    bare.recv(r#"["push",["pipeline",1,["first"],[]]]"#);
    bare.recv(r#"["pull",1]"#);
    bare.recv(r#"["push",["pipeline",1,["second"],[]]]"#);
    assert_eq!(bare.methods(), ["make"]);
    let call = bare.calls.pop_front().expect("a call");
    bare.session.settle_promised(call.answer, PROMISE, &mut bare.turn);
    bare.sent();
    assert_eq!(bare.methods(), ["first", "second"]);
    let answer = wanted(&mut bare);
    bare.session.settle(answer, Err(RpcError::range_error("no")), &mut bare.turn);
    assert_eq!(bare.sent(), [r#"["reject",1,["error","RangeError","no"]]"#]);
    end(bare);
}

#[test]
fn nobody_wants_it() {
    let mut bare = promised();
    bare.recv(r#"["release",1,1]"#);
    assert_eq!(bare.turn.dropped, [PROMISE]);
    end(bare);
}

#[test]
fn given_away_as_a_value() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["make"],[]]]"#);
    bare.recv(r#"["pull",1]"#);
    let promise = bare.session.promised(PROMISE);
    let sent = bare.settle_with(Ok(Payload::from_cap(Cap::Promise(promise))));
    assert!(sent.is_empty());
    let answer = wanted(&mut bare);
    assert_eq!(resolve(&mut bare, answer, "7"), [r#"["resolve",1,7]"#]);
    end(bare);
}

#[test]
fn it_pins() {
    for frame in [None, Some(r#"["pull",1]"#)] {
        let mut bare = promised();
        frame.map(|frame| bare.recv(frame));
        assert!(!bare.session.is_quiescent());
        let pins = bare.session.pins(&[], &mut |_| Name::Pin);
        assert!(matches!(pins[..], [Pin::Call(_)]), "{pins:?}");
        bare.session.fail_running(&RpcError::error("lost"), &mut bare.turn);
        assert!(bare.session.is_quiescent());
        bare.turn.wanted.clear();
        bare.sent();
        end(bare);
    }
}

#[test]
fn the_session_ends() {
    let mut bare = promised();
    bare.recv(r#"["pull",1]"#);
    bare.recv(r#"["push",["pipeline",0,["take"],[["pipeline",1]]]]"#);
    let answer = wanted(&mut bare);
    bare.session.disconnected(RpcError::error("gone"), &mut bare.turn);
    resolve(&mut bare, answer, "5");
    assert_eq!(bare.methods(), ["take"], "calls that run go on");
    end(bare);
}
