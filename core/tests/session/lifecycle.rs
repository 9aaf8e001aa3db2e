//! The ends of things: of the peer's input, of sessions, of capabilities.

use topsail_core::json::Tape;
use topsail_core::proto::{
    Cap, Limits, Message, Path, PullId, Session, Stats, TargetId, Turn, WatchId,
};
use topsail_core::{Payload, RpcError};

use super::bare::Bare;

const CALL_BACK: &str = r#"["push",["pipeline",0,["f"],[["export",-1]]]]"#;

/// The stub of the client that the only call has as its argument, which it keeps.
fn stub(bare: &mut Bare) -> topsail_core::proto::CapId {
    bare.recv(CALL_BACK);
    let caps = bare.calls[0].take_caps();
    caps[0].id()
}

fn call(bare: &mut Bare, on: topsail_core::proto::CapId) -> topsail_core::proto::CapId {
    let arguments = Payload::from_text(String::from("[]"));
    bare.session.call(on, &Path::new(), arguments, &mut bare.turn)
}

/// An HTTP batch: its requests are answered, but nothing that the server asks for comes.
#[test]
fn the_end_of_input() {
    let mut bare = Bare::new(Limits::default());
    let stub = stub(&mut bare);
    let (early, late) = (call(&mut bare, stub), call(&mut bare, stub));
    bare.session.pull(early, PullId(1), &mut bare.turn);
    bare.recv(r#"["push",["pipeline",0,["g"],[["promise",-2]]]]"#);
    bare.recv(r#"["pull",1]"#);
    bare.recv(r#"["pull",2]"#);
    bare.session.end_of_input(&mut bare.turn);
    let sent = bare.sent().join(" ");
    assert!(sent.contains(r#"["reject",2,"#), "an argument never comes: {sent}");
    bare.session.pull(late, PullId(2), &mut bare.turn);
    let mut results = bare.turn.results.drain(..).map(|(pull, result)| (pull.0, result.is_err()));
    assert_eq!(results.next(), Some((1, true)), "what waited");
    assert_eq!(results.next(), Some((2, true)), "what asks afterwards");
    drop(results);
    assert_eq!(bare.session.pending_pulls(), 1);
    // Its own work goes on.
    let sent = bare.settle("9");
    assert_eq!(sent.last().map(String::as_str), Some(r#"["resolve",1,9]"#));
    assert_eq!(bare.session.pending_pulls(), 0);
    for cap in [stub, early, late] {
        bare.session.release(cap, &mut bare.turn);
    }
    bare.end();
}

#[test]
fn watches_tell_when_something_breaks() {
    let mut bare = Bare::new(Limits::default());
    let stub = stub(&mut bare);
    let promise = call(&mut bare, stub);
    let target = bare.session.target(TargetId(0));
    let (own, answer) = bare.session.promise();
    for (id, cap) in [(1, stub), (2, promise), (3, target), (4, own)] {
        bare.session.watch(cap, WatchId(id), &mut bare.turn);
    }
    assert!(bare.turn.broken.is_empty());
    bare.session.settle(answer, Err(RpcError::error("no")), &mut bare.turn);
    assert_eq!(bare.turn.broken.drain(..).map(|(watch, _)| watch.0).collect::<Vec<_>>(), [4]);
    bare.session.watch(own, WatchId(5), &mut bare.turn);
    assert_eq!(bare.turn.broken.drain(..).map(|(watch, _)| watch.0).collect::<Vec<_>>(), [5]);
    bare.session.disconnected(RpcError::error("gone"), &mut bare.turn);
    let broken: Vec<_> = bare.turn.broken.drain(..).collect();
    assert_eq!(broken.iter().map(|(watch, _)| watch.0).collect::<Vec<_>>(), [1, 2]);
    assert!(broken.iter().all(|(_, error)| error.message() == "gone"));
    for cap in [stub, promise, target, own] {
        bare.session.release(cap, &mut bare.turn);
    }
    bare.end();
}

#[test]
fn our_abort() {
    let mut bare = Bare::new(Limits::default());
    let stub = stub(&mut bare);
    let promise = call(&mut bare, stub);
    bare.session.pull(promise, PullId(1), &mut bare.turn);
    bare.recv(r#"["pull",1]"#);
    bare.session.abort(RpcError::error("enough"), &mut bare.turn);
    assert_eq!(bare.sent(), [r#"["abort",["error","Error","enough"]]"#]);
    assert_eq!(bare.session.closed().map(RpcError::message), Some("enough"));
    assert!(matches!(bare.turn.results.pop_front(), Some((PullId(1), Err(_)))));
    let mut tape = Tape::default();
    let message = Message::parse(r#"["push",1]"#, &mut tape, 9).expect("a message");
    let refused = bare.session.recv(message, &mut bare.turn).expect_err("it has ended");
    assert_eq!(refused.error().message(), "enough");
    // What happens now happens in silence.
    bare.session.abort(RpcError::error("again"), &mut bare.turn);
    let later = call(&mut bare, stub);
    bare.session.pull(later, PullId(2), &mut bare.turn);
    assert!(matches!(bare.turn.results.pop_front(), Some((PullId(2), Err(_)))));
    for cap in [stub, promise, later] {
        bare.session.release(cap, &mut bare.turn);
    }
    assert!(bare.settle("1").is_empty());
    bare.end();
}

#[test]
fn a_session_without_a_main_object() {
    let (mut session, mut turn) = (Session::new(None, Limits::default()), Turn::default());
    let mut tape = Tape::default();
    for text in [r#"["push",["pipeline",0,["f"],[["export",-1]]]]"#, r#"["pull",1]"#] {
        let message = Message::parse(text, &mut tape, 256).expect("a message");
        session.recv(message, &mut turn).expect("it goes on");
    }
    let sent: Vec<&str> = turn.out.messages().collect();
    assert_eq!(sent[0], r#"["release",-1,1]"#);
    assert!(sent[1].starts_with(r#"["reject",1,["error","Error","#), "{sent:?}");
    session.disconnected(RpcError::error("gone"), &mut turn);
    assert_eq!(session.stats(), Stats::default());
}

/// However often a target is sent, the peer knows it by one id, and releases it as often.
#[test]
fn one_target_has_one_id() {
    let mut bare = Bare::new(Limits::default());
    for id in 1..=2 {
        bare.recv(r#"["push",["pipeline",0,["make"],[]]]"#);
        bare.recv(&format!("[\"pull\",{id}]"));
        let target = Cap::Stub(bare.session.target(TargetId(7)));
        let mut result = Payload::from_text(String::from("[["));
        result.push_cap(target);
        result.text_mut().push_str("]]");
        let sent = bare.settle_with(Ok(result));
        assert_eq!(sent, [format!(r#"["resolve",{id},[[["export",-1]]]]"#)]);
        bare.recv(&format!("[\"release\",{id},1]"));
    }
    bare.recv(r#"["release",-1,1]"#);
    assert!(bare.session.holds(TargetId(7)) && bare.turn.dropped.is_empty());
    bare.recv(r#"["release",-1,1]"#);
    assert!(!bare.session.holds(TargetId(7)));
    assert_eq!(std::mem::take(&mut bare.turn.dropped), [TargetId(7)]);
    // A new start is a new id.
    bare.recv(r#"["push",["pipeline",0,["make"],[]]]"#);
    bare.recv(r#"["pull",3]"#);
    let target = Payload::from_cap(Cap::Stub(bare.session.target(TargetId(0))));
    assert_eq!(bare.settle_with(Ok(target)), [r#"["resolve",3,["export",-2]]"#]);
    bare.end();
}

/// Capabilities of our own that the caller makes.
#[test]
fn capabilities_of_the_caller() {
    let mut bare = Bare::new(Limits::default());
    let turn = &mut bare.turn;
    let broken = bare.session.broken(RpcError::error("broken"));
    let value = bare.session.resolved(Payload::from_text(String::from(r#"{"a":[[1]]}"#)));
    let element = bare.session.get(value, &Path::of("a"), turn);
    let target = bare.session.target(TargetId(0));
    assert_eq!(bare.session.as_target(target), Some(TargetId(0)));
    assert_eq!(bare.session.as_target(value), None);
    for (id, cap) in [(1, broken), (2, value), (3, element), (4, target)] {
        bare.session.pull(cap, PullId(id), turn);
    }
    let results: Vec<_> = turn.results.drain(..).map(|(_, result)| result).collect();
    assert_eq!(results[0].as_ref().map_err(RpcError::message), Err("broken"));
    assert_eq!(results[1].as_ref().map(Payload::text), Ok(r#"{"a":[[1]]}"#));
    assert_eq!(results[2].as_ref().map(Payload::text), Ok("[[1]]"));
    assert_eq!(results[3].as_ref().map(Payload::as_cap), Ok(Some(&Cap::Stub(target))));
    for cap in [broken, value, element, target, target] {
        bare.session.release(cap, turn);
    }
    bare.end();
}
