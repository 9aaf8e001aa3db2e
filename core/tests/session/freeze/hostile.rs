//! Bytes that no session froze to.

use topsail_core::json::Tape;
use topsail_core::proto::{
    Cap, CapId, Limits, Message, Path, PullId, Session, Stats, SturdyRef, TargetId, ThawError,
    Thawed, Turn,
};
use topsail_core::{Payload, RpcError};

use super::super::world::{MAIN, World};
use super::frames::full_world;
use super::{numbered, thaw};

/// A sequence of numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn id(&mut self) -> i64 {
        self.below(30) as i64 - 12
    }

    fn frame(&mut self) -> String {
        let (id, other) = (self.id(), self.id());
        match self.below(9) {
            0 => format!("[\"push\",[\"pipeline\",{id},[\"a\"],[[\"pipeline\",{other}]]]]"),
            1 => format!("[\"push\",[\"pipeline\",{id},[0,\"counter\"]]]"),
            2 => format!("[\"push\",[\"import\",{id},[],[[\"export\",{other}]]]]"),
            3 => {
                format!("[\"push\",[\"remap\",{id},[],[[\"import\",{other}]],[[\"pipeline\",0]]]]")
            }
            4 => format!("[\"pull\",{id}]"),
            5 => format!("[\"resolve\",{id},{{\"a\":[\"pipeline\",{other}]}}]"),
            6 => format!("[\"resolve\",{id},[\"promise\",{other}]]"),
            7 => format!("[\"reject\",{id},[\"error\",\"Error\",\"m\"]]"),
            _ => format!("[\"release\",{id},{}]", self.below(2) + 1),
        }
    }
}

fn step(session: &mut Session, turn: &mut Turn, held: &[CapId], random: &mut Random) {
    match (random.below(5), held.get(random.below(3) as usize)) {
        (0, Some(&cap)) => {
            session.retain(cap);
            let mut arguments = Payload::from_text("[".into());
            arguments.push_cap(Cap::Promise(cap));
            arguments.text_mut().push(']');
            let result = session.call(cap, &Path::of("a"), arguments, turn);
            session.release(result, turn);
        }
        (1, Some(&cap)) => session.pull(cap, PullId(1), turn),
        _ => {
            let (frame, mut tape) = (random.frame(), Tape::default());
            let message = Message::parse(&frame, &mut tape, 256).expect("JSON");
            // What it refers to may be missing.
            let _ = session.recv(message, turn);
            for call in &mut turn.calls {
                call.detach(message);
            }
        }
    }
    answer(session, turn);
}

/// Answers every call with what it was called with, and lets results go.
fn answer(session: &mut Session, turn: &mut Turn) {
    while let Some(mut call) = turn.calls.pop_front() {
        let array = call.take_arguments(None);
        let mut value = Payload::from_text("{\"0\":[".into());
        value.push_payload(&array, |cap| *cap);
        value.text_mut().push_str("]}");
        session.settle(call.answer, Ok(value), turn);
    }
    while let Some((_, result)) = turn.results.pop_front() {
        for cap in result.iter().flat_map(Payload::caps) {
            session.release(cap.id(), turn);
        }
    }
    turn.out.clear();
    turn.dropped.clear();
}

/// What is thawed must bear any use, and freeze to bytes that stay the same from then on.
fn survives(bytes: &[u8], random: &mut Random) -> Result<(), ThawError> {
    let mut turn = Turn::default();
    let thawed = thaw(bytes, &mut turn)?;
    let canonical = refrozen(&thawed);
    let again = thaw(&canonical, &mut turn).expect("what was frozen can be thawed");
    assert_eq!(refrozen(&again), canonical);
    let Thawed { mut session, held } = thawed;
    let held: Vec<CapId> = held.into_iter().map(|(_, cap)| cap).collect();
    for _ in 0..8 {
        step(&mut session, &mut turn, &held, random);
    }
    for cap in held {
        session.release(cap, &mut turn);
    }
    session.disconnected(RpcError::error("gone"), &mut turn);
    answer(&mut session, &mut turn);
    assert_eq!(session.stats(), Stats::default());
    Ok(())
}

fn refrozen(thawed: &Thawed) -> Vec<u8> {
    let mut bytes = Vec::new();
    let frozen = thawed.session.freeze(&thawed.held, &mut numbered, &mut bytes);
    frozen.expect("what was thawed can be frozen");
    bytes
}

const SESSIONS: [&[&str]; 3] = [
    &[],
    &[
        r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#,
        r#"["push",["pipeline",0,["callKept"],[1]]]"#,
        r#"["pull",2]"#,
        r#"["push",["pipeline",0,["throwError"],[]]]"#,
    ],
    &[
        r#"["push",["pipeline",0,["nested"]]]"#,
        r#"["pull",1]"#,
        r#"["push",["import",1]]"#,
        r#"["push",["import",2]]"#,
        r#"["push",["promise",-1]]"#,
        r#"["reject",-1,["error","E","m","stack",{"a":1}]]"#,
    ],
];

/// Frozen sessions: small ones, and one with everything.
fn frozen_sessions() -> (Vec<Vec<u8>>, Vec<u8>) {
    let small = SESSIONS.map(|frames| {
        let mut world = World::new(Limits::default());
        for frame in frames {
            world.recv(frame);
        }
        numbered_bytes(&world)
    });
    (small.to_vec(), numbered_bytes(&full_world()))
}

fn all_sessions() -> impl Iterator<Item = Vec<u8>> {
    let (small, full) = frozen_sessions();
    small.into_iter().chain([full])
}

/// A world's session, with names that `by_number` knows.
fn numbered_bytes(world: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    let held: Vec<_> = world.kept.iter().map(|&kept| (1, kept)).collect();
    world.session.freeze(&held, &mut numbered, &mut bytes).expect("it freezes");
    bytes
}

#[test]
fn unharmed_bytes() {
    let mut random = Random(1);
    for bytes in all_sessions() {
        for _ in 0..500 {
            survives(&bytes, &mut random).expect("it thaws");
        }
    }
}

#[test]
fn every_truncation() {
    for bytes in all_sessions() {
        for length in 0..bytes.len() {
            let error = survives(&bytes[..length], &mut Random(1)).expect_err("not all is there");
            assert!(matches!(error, ThawError::Malformed(_)), "{error}");
        }
    }
}

#[test]
fn every_mutation_of_a_byte() {
    let (small, full) = frozen_sessions();
    let mut thawed = mutate(&full, (0..8).map(|bit| 1 << bit));
    for bytes in small {
        thawed += mutate(&bytes, 1..=u8::MAX);
    }
    assert!(thawed > 1000, "only {thawed} mutants thawed");
}

/// Changes each byte by each of these bits; gives how many of the mutants thawed.
fn mutate(bytes: &[u8], changes: impl Iterator<Item = u8> + Clone) -> usize {
    let (mut random, mut thawed) = (Random(7), 0);
    let mut mutant = bytes.to_vec();
    for at in 0..bytes.len() {
        for change in changes.clone() {
            mutant[at] = bytes[at] ^ change;
            thawed += usize::from(survives(&mutant, &mut random).is_ok());
        }
        mutant[at] = bytes[at];
    }
    thawed
}

#[test]
fn several_mutations() {
    let (mut random, mut thawed) = (Random(9), 0);
    for bytes in all_sessions() {
        for _ in 0..5_000 {
            let mut mutant = bytes.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(mutant.len() as u64) as usize;
                mutant[at] = match random.below(2) {
                    0 => random.below(256) as u8,
                    _ => mutant[at].wrapping_add(random.below(5) as u8).wrapping_sub(2),
                };
            }
            thawed += usize::from(survives(&mutant, &mut random).is_ok());
        }
    }
    assert!(thawed > 1000, "only {thawed} mutants thawed");
}

#[test]
fn random_bytes() {
    let (mut random, mut thawed) = (Random(3), 0);
    for _ in 0..50_000 {
        let length = random.below(40);
        let mut bytes: Vec<u8> =
            (0..length).map(|_| (random.below(4) * random.below(4)) as u8).collect();
        if let Some(version) = bytes.first_mut() {
            *version = 2;
        }
        thawed += usize::from(survives(&bytes, &mut random).is_ok());
    }
    assert!(thawed > 10, "only {thawed} thawed");
}

/// The name of a limit, and what sets it below what a full world needs.
type Tightening = (&'static str, fn(&mut Limits));

#[test]
fn limits() {
    let bytes = numbered_bytes(&full_world());
    let set: [Tightening; 4] = [
        ("max_live_exports", |limits| limits.max_live_exports = 4),
        ("max_live_imports", |limits| limits.max_live_imports = 2),
        ("max_unreleased_results", |limits| limits.max_unreleased_results = 12),
        ("max_queued_bytes", |limits| limits.max_queued_bytes = 100),
    ];
    for (name, set) in set {
        let mut limits = Limits::default();
        set(&mut limits);
        let mut find = |name: &SturdyRef| -> Result<TargetId, RpcError> {
            panic!("{name:?} was sought in bytes that are no good")
        };
        let thawed = Session::thaw(&bytes, Some(MAIN), limits, &mut find, &mut Turn::default());
        assert_eq!(thawed.map(|_| ()), Err(ThawError::Limit(name)));
    }
}

/// What a session may hold it may hold after thawing, and no more.
#[test]
fn limits_go_on() {
    let mut limits = Limits::default();
    (limits.max_live_exports, limits.max_unreleased_results) = (1, 2);
    let mut world = World::new(limits);
    for frame in
        [r#"["release",0,1]"#, r#"["push",1]"#, r#"["push",["import",1]]"#, r#"["pull",2]"#]
    {
        world.recv(frame);
    }
    assert_eq!(world.session.stats().exports, 3);
    world.hibernate();
    world.recv(r#"["release",2,1]"#);
    world.recv(r#"["push",4]"#);
    assert_eq!(world.session.closed(), None);
    world.recv(r#"["push",5]"#);
    let error = world.session.closed().expect("the session has ended");
    assert_eq!(error.message(), "more than 2 unreleased results");
}

#[test]
fn other_versions() {
    for version in [0, 1, 3, 255] {
        let thawed = thaw(&[version, 0, 0], &mut Turn::default());
        assert_eq!(thawed.map(|_| ()), Err(ThawError::Version(version)));
    }
}
