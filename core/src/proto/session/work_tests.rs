//! How the work grows with what is sent: counted in steps, not in time.

use std::sync::atomic::Ordering::Relaxed;

use crate::json::Tape;
use crate::proto::Name;
use crate::proto::ids::{Cap, ExportId, TargetId};
use crate::proto::limits::Limits;
use crate::proto::message::Message;
use crate::proto::path::Path;
use crate::proto::session::Session;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// The steps that a session takes for these frames, and to be frozen behind them.
fn steps(frames: impl Iterator<Item = String>) -> u64 {
    let session = session(frames);
    freeze(&session);
    session.graph.steps.load(Relaxed)
}

fn session(frames: impl Iterator<Item = String>) -> Session {
    let mut session = Session::new(Some(TargetId(0)), Limits::default());
    receive(&mut session, frames);
    session
}

fn receive(session: &mut Session, frames: impl Iterator<Item = String>) -> Turn {
    let (mut turn, mut tape) = (Turn::default(), Tape::default());
    for frame in frames {
        let message = Message::parse(&frame, &mut tape, 256).unwrap();
        session.recv(message, &mut turn).unwrap();
    }
    turn
}

/// The steps that it takes to freeze a session.
fn freeze(session: &Session) -> u64 {
    let (before, lost) = (session.graph.steps.load(Relaxed), RpcError::error("lost"));
    session.freeze_lossy(&[], &mut |_| Name::Pin, &lost, &mut Vec::new()).unwrap();
    session.graph.steps.load(Relaxed) - before
}

fn push(expression: &str) -> String {
    format!("[\"push\",{expression}]")
}

/// The peer's promise `id` resolves to its next one; the last one to a value.
fn chain(ids: std::ops::RangeInclusive<usize>) -> impl Iterator<Item = String> {
    let last = *ids.end();
    let links = ids.map(|id| format!("[\"resolve\",-{id},[\"promise\",-{}]]", id + 1));
    links.chain(std::iter::once(format!("[\"resolve\",-{},7]", last + 1)))
}

/// What happens `n` times over, and how many steps each may take.
#[test]
fn work_grows_no_faster_than_what_is_sent() {
    let pulls =
        |n: usize| (2..=n).flat_map(|id| [push("[\"pipeline\",1]"), format!("[\"pull\",{id}]")]);
    let start = || std::iter::once(push("[\"promise\",-1]"));
    let holes = |n| std::iter::once(push(&format!("[[{}1]]", "[\"pipeline\",1],".repeat(n))));
    type Frames<'a> = Box<dyn Iterator<Item = String> + 'a>;
    type Table<'a> = Vec<(&'a str, Box<dyn Fn(usize) -> Frames<'a> + 'a>)>;
    let table: Table<'_> = vec![
        ("a chain", Box::new(|n| Box::new(start().chain(chain(1..=n))))),
        (
            "a chain with waiters at its head",
            Box::new(|n| Box::new(start().chain(pulls(n)).chain(chain(1..=n)))),
        ),
        (
            "a chain with a value that refers to its head",
            Box::new(|n| {
                let pull = std::iter::once(String::from("[\"pull\",2]"));
                Box::new(start().chain(holes(n)).chain(chain(1..=n)).chain(pull))
            }),
        ),
        (
            "a chain that nobody looks at, with many references to its head",
            Box::new(|n| {
                let refer = || push("[\"pipeline\",1]");
                Box::new(
                    start().chain(holes(n)).chain((0..n).map(move |_| refer())).chain(chain(1..=n)),
                )
            }),
        ),
        (
            "a chain that is looked at while it grows",
            Box::new(|n| {
                let look = || push("[\"pipeline\",1]");
                Box::new(start().chain(chain(1..=n).flat_map(move |link| [link, look()])))
            }),
        ),
        (
            "properties at the end of a chain of stubs",
            Box::new(|n| {
                let promises = (1..=n).map(|id| push(&format!("[\"promise\",-{id}]")));
                let links = (1..n).map(|id| format!("[\"resolve\",-{id},[\"import\",{}]]", id + 1));
                let reads = (0..n).map(|_| push("[\"pipeline\",1,[\"x\"]]"));
                Box::new(promises.chain(links).chain(reads))
            }),
        ),
        (
            "stubs of stubs",
            Box::new(|n| Box::new((1..=n).map(|id| push(&format!("[\"import\",{}]", id - 1))))),
        ),
    ];
    for (what, frames) in table {
        let (few, many) = (steps(frames(500)), steps(frames(5_000)));
        assert!(many <= 5_000 * 10, "{what}: {many} steps");
        assert!(many <= few * 12 + 100, "{what}: {few} steps become {many}");
    }
}

/// Pulls that are released, and calls that fail, while a promise in them is not there.
#[test]
fn who_does_not_wait_any_more_does_not_stay() {
    let pulls = |n: i64| {
        [push("[\"pipeline\",1]"), format!("[\"pull\",{n}]"), format!("[\"release\",{n},1]")]
    };
    let calls = |n: i64| {
        let call = push("[\"pipeline\",0,[\"x\"],[[\"pipeline\",1],[\"promise\",-N]]]")
            .replace('N', &n.to_string());
        [
            call,
            format!("[\"reject\",-{n},[\"error\",\"Error\",\"\"]]"),
            format!("[\"release\",{n},1]"),
        ]
    };
    for frames in [pulls as fn(i64) -> [String; 3], calls] {
        let mut session = Session::new(Some(TargetId(0)), Limits::default());
        receive(&mut session, std::iter::once(push("[\"promise\",-1]")));
        receive(&mut session, (2..2_000).flat_map(frames));
        let node = session.exports.get(&ExportId(1)).unwrap().node;
        let waiters = session.graph.waiters_mut(node).unwrap();
        assert!(waiters.all.capacity() < 16, "{} waiters", waiters.all.len());
    }
}

/// So many wait that their list is full but for one, whose place is taken again and again.
#[test]
fn who_waits_is_not_looked_through_for_each_who_does_not_any_more() {
    const WAITERS: usize = 1_023;
    const GONE: usize = 10_000;
    let pull = |id| [push("[\"pipeline\",1]"), format!("[\"pull\",{id}]")];
    let promise = std::iter::once(push("[\"promise\",-1]"));
    let stay = (2..2 + WAITERS).flat_map(pull);
    let gone = (2 + WAITERS..2 + WAITERS + GONE).flat_map(|id| {
        pull(id).into_iter().chain(std::iter::once(format!("[\"release\",{id},1]")))
    });
    let steps = steps(promise.chain(stay).chain(gone));
    assert!(steps <= 8 * (WAITERS + GONE) as u64, "{steps} steps");
}

#[test]
fn a_call_waits_once_for_a_promise_that_it_has_many_times() {
    let mut session = Session::new(Some(TargetId(0)), Limits::default());
    let arguments = "[\"pipeline\",1],[\"pipeline\",2],".repeat(1_000);
    let call = push(&format!("[\"pipeline\",0,[\"x\"],[{arguments}7]]"));
    let promises = [push("[\"promise\",-1]"), push("[\"promise\",-2]")];
    receive(&mut session, promises.into_iter().chain([call]));
    for id in [1, 2] {
        let node = session.exports.get(&ExportId(id)).unwrap().node;
        assert_eq!(session.graph.waiters_mut(node).map(|waiters| waiters.all.len()), Some(1));
    }
    let answers = [String::from("[\"resolve\",-1,1]"), String::from("[\"resolve\",-2,2]")];
    assert_eq!(receive(&mut session, answers.into_iter()).calls.len(), 1);
}

/// Pulls of the result of a method, which succeeds with a promise of the peer's, which the peer resolves with
/// the result of the next call.
#[test]
fn who_waits_does_not_wake_before_there_is_a_value() {
    const WAITERS: usize = 1_000;
    const ROUNDS: i64 = 500;
    for takes_calls in [false, true] {
        let mut session = Session::new(Some(TargetId(0)), Limits::default());
        let first = WAITERS as i64 + 1;
        let call = push("[\"pipeline\",0,[\"x\"],[]]");
        let pulls =
            (2..=first).flat_map(|id| [push("[\"pipeline\",1]"), format!("[\"pull\",{id}]")]);
        let mut turn = receive(&mut session, std::iter::once(call.clone()).chain(pulls));
        for round in 1..=ROUNDS {
            succeed_with_a_promise(&mut session, turn, takes_calls);
            let next = format!("[\"resolve\",{round},[\"pipeline\",{}]]", first + round);
            turn = receive(&mut session, [call.clone(), next].into_iter());
        }
        let answer = turn.calls.pop_front().unwrap().answer;
        session.settle(answer, Ok(Payload::from_text("7".into())), &mut turn);
        let resolved = (2..=first).map(|id| format!("[\"resolve\",{id},7]"));
        let answers = turn.out.as_str().lines().filter(|line| line.starts_with("[\"resolve\""));
        assert!(answers.eq(resolved));
        let (steps, most) = (session.graph.steps.load(Relaxed), WAITERS as u64 + ROUNDS as u64);
        assert!(steps <= most * 8, "{steps} steps");
    }
}

/// Answers the one call of a turn with the promise of what a call of the peer's main object gives, perhaps by way
/// of a promise that takes calls.
fn succeed_with_a_promise(session: &mut Session, mut turn: Turn, takes_calls: bool) {
    let mut answer = turn.calls.pop_front().unwrap().answer;
    if takes_calls {
        session.settle_promised(answer, TargetId(1), &mut turn);
        answer = turn.wanted.pop().unwrap().0;
    }
    let main = session.remote_main();
    let promise = session.call(main, &Path::new(), Payload::from_text("[]".into()), &mut turn);
    session.release(main, &mut turn);
    session.settle(answer, Ok(Payload::from_cap(Cap::Promise(promise))), &mut turn);
}

#[test]
fn a_writable_never_leads_to_itself() {
    let circle = ["[\"resolve\",-1,[\"writable\",-2]]", "[\"resolve\",-2,[\"writable\",-1]]"];
    let promises = [push("[\"promise\",-1]"), push("[\"promise\",-2]")];
    let call = push("[\"pipeline\",1,[\"x\"],[]]");
    let steps = steps(promises.into_iter().chain(circle.map(str::to_owned)).chain([call]));
    assert!(steps < 100, "{steps} steps");
}

/// A session that has had many results is frozen as fast as one that has had few, whichever of them the
/// peer keeps.
#[test]
fn what_was_released_is_not_walked() {
    const RESULTS: usize = 5_000;
    let call = push("[\"pipeline\",0,[\"x\"],[]]");
    let (value, object) = (push("7"), push("[\"export\",-1]"));
    let table = [
        ("no result is kept", 0, &value, &value),
        ("the first is kept", 1, &value, &value),
        ("the last is kept", RESULTS, &value, &value),
        ("the peer has an object here", 1, &object, &value),
        ("the peer has an object behind them", RESULTS, &value, &object),
        ("a call runs behind them", RESULTS, &value, &call),
    ];
    for (what, kept, first, last) in table {
        for is_last_first in [false, true] {
            let id = |at| if is_last_first { RESULTS + 1 - at } else { at };
            let between = (2..RESULTS).map(|_| push("7"));
            let pushes = std::iter::once(first.clone()).chain(between).chain([last.clone()]);
            let released = (1..=RESULTS).map(id).filter(|&id| id != kept);
            let releases = released.map(|id| format!("[\"release\",{id},1]"));
            let session = session(pushes.chain(releases));
            let steps = freeze(&session);
            assert!(steps <= 500, "{what}: {steps} steps");
            assert!(session.exports.walked() <= 100, "{what}: {}", session.exports.walked());
        }
    }
}

/// The application has something that stands behind all that the peer has released.
#[test]
fn what_was_released_is_not_walked_after_the_end() {
    const RESULTS: usize = 5_000;
    const USES: u64 = 100;
    let mut session = session((0..RESULTS).map(|_| push("7")));
    let kept = session.broken(RpcError::error("kept"));
    let mut turn = Turn::default();
    session.disconnected(RpcError::error("gone"), &mut turn);
    let before = session.graph.steps.load(Relaxed);
    for _ in 0..USES {
        let result = session.get(kept, &Path::new(), &mut turn);
        session.release(result, &mut turn);
    }
    let steps = session.graph.steps.load(Relaxed) - before;
    assert!(steps <= USES * 20, "{steps} steps");
}

/// Where places were given back, new results stand apart from those that were kept.
#[test]
fn places_are_made_again() {
    const RESULTS: usize = 1_000;
    // So many places stay that the list of the vacant ones still names those that were given back.
    let is_kept = |id: usize| id % 10 == 3 && id < RESULTS / 2;
    let pushes = (1..=RESULTS).map(|id| push(&id.to_string()));
    let releases = (1..=RESULTS).filter(|&id| !is_kept(id));
    let mut session = session(pushes.chain(releases.map(|id| format!("[\"release\",{id},1]"))));
    let (mut turn, mut tape) = (Turn::default(), Tape::default());
    let mut recv = |frame: &str| {
        let message = Message::parse(frame, &mut tape, 256).unwrap();
        session.recv(message, &mut turn).unwrap();
        (turn.out.take(), session.stats().nodes)
    };
    let kept = (1..=RESULTS).filter(|&id| is_kept(id)).count();
    for more in 1..=RESULTS {
        let id = RESULTS + more;
        // The main objects are nodes, too.
        assert_eq!(recv(&push(&id.to_string())), (String::new(), 2 + kept + more));
    }
    for id in (1..=RESULTS).filter(|&id| is_kept(id)).chain(RESULTS + 1..=2 * RESULTS) {
        assert_eq!(recv(&format!("[\"pull\",{id}]")).0, format!("[\"resolve\",{id},{id}]"));
    }
}
