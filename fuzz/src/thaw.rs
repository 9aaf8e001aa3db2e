//! Bytes that may be a frozen session.

use std::collections::BTreeMap;

use topsail_core::json::Tape;
use topsail_core::proto::{
    Cap, CapId, Limits, Message, Name, Path, PullId, Session, Stats, SturdyRef, TargetId, Thawed,
    Turn,
};
use topsail_core::{Payload, RpcError};

use crate::host::{Host, settle_local};

/// What a peer sends that knows of the ids that sessions begin with.
const FRAMES: [&str; 14] = [
    r#"["pull",1]"#,
    r#"["push",["pipeline",1,["a"],[["pipeline",2]]]]"#,
    r#"["push",["pipeline",-1,[],[["import",-2],["export",-9]]]]"#,
    r#"["push",["import",2,[0,"counter"]]]"#,
    r#"["push",["remap",1,[],[["import",-1]],[["pipeline",0,["a"],[["import",-1]]]]]]"#,
    r#"["pull",3]"#,
    r#"["pull",4]"#,
    r#"["resolve",1,{"a":["pipeline",-1]}]"#,
    r#"["resolve",-1,["promise",-10]]"#,
    r#"["reject",2,["error","Error","m"]]"#,
    r#"["reject",-2,["error","Error","m"]]"#,
    r#"["release",1,1]"#,
    r#"["release",-1,1]"#,
    r#"["push",["pipeline",0,["increment"],[]]]"#,
];

/// Thaws the bytes, uses the session, and freezes it again.
pub fn run(data: &[u8]) {
    session(data);
    peer(data);
}

/// A session that gives every name a target of its own.
#[derive(Default)]
struct Frozen {
    names: BTreeMap<TargetId, SturdyRef>,
    turn: Turn,
}

impl Frozen {
    fn thaw(&mut self, bytes: &[u8]) -> Option<Thawed> {
        let names = &mut self.names;
        let mut find = |name: &SturdyRef| {
            let id = TargetId(names.len() as u64 + 1);
            names.insert(id, name.clone());
            Ok(id)
        };
        let main = Some(TargetId(0));
        Session::thaw(bytes, main, Limits::default(), &mut find, &mut self.turn).ok()
    }

    fn freeze(&self, session: &Session, held: &[(u32, CapId)]) -> Option<Vec<u8>> {
        let mut name =
            |id| self.names.get(&id).map_or(Name::Pin, |name| Name::Sturdy(name.clone()));
        let (mut bytes, lost) = (Vec::new(), RpcError::error("lost"));
        session.freeze_lossy(held, &mut name, &lost, &mut bytes).ok().map(|_| bytes)
    }
}

fn session(data: &[u8]) {
    let mut frozen = Frozen::default();
    let Some(thawed) = frozen.thaw(data) else { return };
    check_canonical(&mut frozen, &thawed.session, &thawed.held);
    let Thawed { mut session, held } = thawed;
    for frame in FRAMES {
        receive(&mut session, &mut frozen.turn, frame);
    }
    for &(_, cap) in &held {
        let arguments = Payload::from_text(String::from("[]"));
        let result = session.call(cap, &Path::of("a"), arguments, &mut frozen.turn);
        session.pull(result, PullId(1), &mut frozen.turn);
        session.release(result, &mut frozen.turn);
        answer(&mut session, &mut frozen.turn);
    }
    check_canonical(&mut frozen, &session, &held);
    held.iter().for_each(|&(_, cap)| session.release(cap, &mut frozen.turn));
    session.disconnected(RpcError::error("gone"), &mut frozen.turn);
    answer(&mut session, &mut frozen.turn);
    assert_eq!(session.stats(), Stats::default());
}

/// What is thawed from frozen bytes freezes to bytes that stay the same.
fn check_canonical(frozen: &mut Frozen, session: &Session, held: &[(u32, CapId)]) {
    // One that has ended is not frozen.
    let Some(bytes) = frozen.freeze(session, held) else { return };
    let thawed = frozen.thaw(&bytes).expect("what was frozen can be thawed");
    let once = frozen.freeze(&thawed.session, &thawed.held).expect("it can be frozen");
    let thawed = frozen.thaw(&once).expect("what was frozen can be thawed");
    let twice = frozen.freeze(&thawed.session, &thawed.held).expect("it can be frozen");
    assert_eq!(once, twice);
    frozen.turn = Turn::default();
}

fn receive(session: &mut Session, turn: &mut Turn, frame: &str) {
    let mut tape = Tape::default();
    let message = Message::parse(frame, &mut tape, 256).expect("JSON");
    // What it refers to may be missing, which ends the session.
    let _ = session.recv(message, turn);
    for call in &mut turn.calls {
        call.detach(message);
    }
    answer(session, turn);
}

/// Answers every call with what it was called with, and lets results go.
fn answer(session: &mut Session, turn: &mut Turn) {
    while let Some(mut call) = turn.calls.pop_front() {
        let array = call.take_arguments(None);
        let mut value = Payload::from_text(String::from("{\"0\":["));
        value.push_payload(&array, |cap| *cap);
        value.text_mut().push_str("]}");
        session.settle(call.answer, Ok(value), turn);
    }
    while let Some((_, result)) = turn.results.pop_front() {
        for cap in result.iter().flat_map(Payload::caps).copied().map(Cap::id) {
            session.release(cap, turn);
        }
    }
    turn.out.clear();
    turn.dropped.clear();
}

/// The same with targets around it that are revived.
fn peer(data: &[u8]) {
    let Ok((mut host, mut held)) = Host::thaw(data, Limits::default()) else { return };
    for (at, frame) in FRAMES.into_iter().enumerate() {
        host.peer.recv(frame);
        while host.drive() {}
        if at % 5 == 4
            && let Some(kept) = host.sleep(&held.iter().collect::<Vec<_>>())
        {
            held = kept;
        }
    }
    drop(held);
    host.peer.disconnected(RpcError::error("gone"));
    while host.drive() {}
    settle_local();
    while host.drive() {}
    assert_eq!(host.peer.stats(), Stats::default());
}
