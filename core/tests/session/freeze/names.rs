//! Targets with and without names, and what is done for what is lost.

use topsail_core::proto::{Cap, Limits, Name, Session, TargetId, Thawed, Turn};
use topsail_core::{Payload, RpcError};

use super::super::bare::Bare;
use super::super::world::MAIN;
use super::{by_number, numbered, thaw};

const FIRST: TargetId = TargetId(1);
const SECOND: TargetId = TargetId(2);

/// A session whose peer holds three stubs: the first target, the second, and the first again in a
/// value.
fn three_stubs() -> Bare {
    let mut bare = Bare::new(Limits::default());
    for (push, targets) in [(1, vec![FIRST]), (2, vec![SECOND]), (3, vec![SECOND, FIRST])] {
        bare.recv(r#"["push",["pipeline",0,["get"],[]]]"#);
        let mut value = Payload::empty();
        if targets.len() > 1 {
            value.text_mut().push_str("[[7");
        }
        for &target in &targets {
            if targets.len() > 1 {
                value.text_mut().push(',');
            }
            value.push_cap(Cap::Stub(bare.session.target(target)));
        }
        if targets.len() > 1 {
            value.text_mut().push_str("]]");
        }
        let call = bare.calls.pop_front().expect("a call");
        bare.session.settle(call.answer, Ok(value), &mut bare.turn);
        let sent = bare.recv(&format!("[\"pull\",{push}]"));
        assert_eq!(sent.len(), 1);
    }
    bare
}

fn frozen(bare: &Bare, name: &mut dyn FnMut(TargetId) -> Name) -> Vec<u8> {
    let mut bytes = Vec::new();
    bare.session.freeze(&[], name, &mut bytes).expect("it freezes");
    bytes
}

fn recv_all<const N: usize>(bare: &mut Bare, frames: [&str; N]) -> Vec<String> {
    frames.iter().flat_map(|frame| bare.recv(frame)).collect()
}

/// A session that has been thawed.
fn awake(session: Session, turn: Turn) -> Bare {
    Bare { session, turn, calls: Default::default() }
}

#[test]
fn a_target_is_named_and_found_once() {
    let mut named = Vec::new();
    let bytes = frozen(&three_stubs(), &mut |target| {
        named.push(target);
        numbered(target)
    });
    assert_eq!(named, [FIRST, SECOND]);
    let (mut found, mut turn) = (Vec::new(), Default::default());
    let mut find = |name: &_| {
        found.extend(by_number(name));
        by_number(name)
    };
    let limits = Limits::default();
    let thawed = Session::thaw(&bytes, Some(MAIN), limits, &mut find, &mut turn);
    let mut bare = awake(thawed.expect("it thaws").session, turn);
    assert_eq!(found, [FIRST, SECOND]);
    for frame in
        [r#"["release",-1,2]"#, r#"["release",-2,2]"#, r#"["release",1,1]"#, r#"["release",2,1]"#]
    {
        bare.recv(frame);
        assert_eq!(bare.turn.dropped, [], "the last value holds both");
    }
    bare.recv(r#"["release",3,1]"#);
    bare.turn.dropped.sort();
    assert_eq!(bare.turn.dropped, [FIRST, SECOND]);
}

#[test]
fn two_names_of_one_target() {
    let bytes = frozen(&three_stubs(), &mut numbered);
    let (mut find, mut turn) = (|_: &_| Ok(TargetId(9)), Default::default());
    let limits = Limits::default();
    let thawed = Session::thaw(&bytes, Some(MAIN), limits, &mut find, &mut turn);
    let mut bare = awake(thawed.expect("it thaws").session, turn);
    for frame in ["-1,2", "-2,2", "1,1", "2,1", "3,1"] {
        assert_eq!(bare.turn.dropped, []);
        bare.recv(&format!("[\"release\",{frame}]"));
    }
    assert_eq!(bare.turn.dropped, [TargetId(9)]);
}

/// Calls a method of the first and the second stub; what is sent is answered by `second` only.
fn check_broken_first(session: Session, error: &str) {
    let mut bare = awake(session, Turn::default());
    for id in [-1, -2] {
        bare.recv(&format!("[\"push\",[\"pipeline\",{id},[\"method\"],[]]]"));
    }
    let call = bare.calls.pop_front().expect("a call");
    assert_eq!((call.target, bare.calls.len()), (SECOND, 0));
    bare.session.settle(call.answer, Ok(Payload::from_text("5".into())), &mut bare.turn);
    let sent = recv_all(&mut bare, [r#"["pull",4]"#, r#"["pull",5]"#]);
    assert_eq!(sent, [format!("[\"reject\",4,{error}]"), "[\"resolve\",5,5]".into()]);
}

#[test]
fn what_may_break_is_broken() {
    let mut name = |target| match target {
        FIRST => Name::Break(RpcError::range_error("it was in memory").with_prop("code", &3)),
        _ => numbered(target),
    };
    let bytes = frozen(&three_stubs(), &mut name);
    let Thawed { session, .. } = thaw(&bytes, &mut Default::default()).expect("it thaws");
    let error = r#"["error","RangeError","it was in memory",null,{"code":3}]"#;
    check_broken_first(session, error);
}

#[test]
fn what_is_not_found_is_broken() {
    let bytes = frozen(&three_stubs(), &mut numbered);
    let mut find = |name: &_| match by_number(name)? {
        FIRST => Err(RpcError::type_error("no such kind")),
        target => Ok(target),
    };
    let (limits, mut turn) = (Limits::default(), Default::default());
    let thawed = Session::thaw(&bytes, Some(MAIN), limits, &mut find, &mut turn);
    let session = thawed.expect("it thaws").session;
    check_broken_first(session, r#"["error","TypeError","no such kind"]"#);
}

#[test]
fn what_nobody_held_is_released() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["push",["pipeline",0,["keep"],[["export",-1],["export",-2],["export",-1]]]]"#);
    let mut call = bare.calls.pop_front().expect("a call");
    let caps = call.take_caps();
    bare.session.settle(call.answer, Ok(Payload::default()), &mut bare.turn);
    let (mut bytes, held) = (Vec::new(), [(5, caps[1].id()), (4, caps[1].id())]);
    bare.session.freeze(&held, &mut numbered, &mut bytes).expect("it freezes");
    let Thawed { session, held } = thaw(&bytes, &mut bare.turn).expect("it thaws");
    bare.session = session;
    assert_eq!(bare.sent(), [r#"["release",-1,2]"#]);
    assert_eq!(held.iter().map(|&(number, _)| number).collect::<Vec<_>>(), [4, 5]);
    for (_, cap) in held {
        assert_eq!(bare.sent(), [""; 0]);
        bare.session.release(cap, &mut bare.turn);
    }
    assert_eq!(bare.sent(), [r#"["release",-2,1]"#]);
}

#[test]
fn main_objects() {
    let mut bare = Bare::new(Limits::default());
    let (ours, theirs) = (bare.session.target(MAIN), bare.session.remote_main());
    bare.recv(r#"["release",0,1]"#);
    let mut bytes = Vec::new();
    let held = [(1, ours), (2, theirs)];
    bare.session.freeze(&held, &mut |_| Name::Pin, &mut bytes).expect("mains need no names");
    let Thawed { mut session, held } = thaw(&bytes, &mut bare.turn).expect("it thaws");
    assert_eq!(session.as_target(held[0].1), Some(MAIN));
    assert_eq!(session.remote_main(), held[1].1);
    session.release(held[0].1, &mut bare.turn);
    assert_eq!(bare.turn.dropped, [MAIN]);

    let (mut find, limits) = (by_number, Limits::default());
    let thawed = Session::thaw(&bytes, None, limits, &mut find, &mut bare.turn).expect("it thaws");
    assert_eq!(thawed.session.as_target(thawed.held[0].1), None);
}

#[test]
fn a_main_object_without_use_is_dropped() {
    let mut bare = Bare::new(Limits::default());
    bare.recv(r#"["release",0,1]"#);
    let bytes = frozen(&bare, &mut numbered);
    bare.turn.dropped.clear();
    thaw(&bytes, &mut bare.turn).expect("it thaws");
    assert_eq!(bare.turn.dropped, [MAIN]);
}

/// A stub of a promise has an id, and what the promise stands for later gets one of its own.
#[test]
fn a_stub_of_a_promise_keeps_its_id() {
    for hibernates in [false, true] {
        let mut bare = Bare::new(Limits::default());
        let sent = recv_all(
            &mut bare,
            [r#"["push",["pipeline",0,["run"],[]]]"#, r#"["push",["import",1]]"#, r#"["pull",2]"#],
        );
        assert_eq!(sent, [r#"["resolve",2,["export",-1]]"#]);
        let call = bare.calls.pop_front().expect("a call");
        let value = bare.session.resolved(Payload::from_text("{\"a\":1}".into()));
        let result = Payload::from_cap(Cap::Promise(value));
        bare.session.settle(call.answer, Ok(result), &mut bare.turn);
        if hibernates {
            let bytes = frozen(&bare, &mut numbered);
            bare.session = thaw(&bytes, &mut bare.turn).expect("it thaws").session;
        }
        let sent = recv_all(&mut bare, [r#"["push",["import",1]]"#, r#"["pull",3]"#]);
        assert_eq!(sent, [r#"["resolve",3,["export",-2]]"#]);
    }
}

/// A stub of a promise that turned out to be a stub.
#[test]
fn a_stub_of_a_stub() {
    let mut bare = Bare::new(Limits::default());
    recv_all(&mut bare, [r#"["push",["pipeline",0,["run"],[]]]"#, r#"["push",["import",1]]"#]);
    let target = Payload::from_cap(Cap::Stub(bare.session.target(FIRST)));
    bare.settle_with(Ok(target));
    let bytes = frozen(&bare, &mut numbered);
    bare.session = thaw(&bytes, &mut bare.turn).expect("it thaws").session;
    let sent = recv_all(&mut bare, [r#"["pull",2]"#, r#"["push",["pipeline",2,["method"],[]]]"#]);
    assert_eq!(sent, [r#"["resolve",2,["export",-1]]"#]);
    assert_eq!(bare.calls[0].target, FIRST);
}
