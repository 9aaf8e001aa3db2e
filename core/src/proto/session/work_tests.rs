//! How the work grows with what is sent: counted in steps, not in time.

use crate::RpcError;
use crate::json::Tape;
use crate::proto::Name;
use crate::proto::ids::{ExportId, TargetId};
use crate::proto::limits::Limits;
use crate::proto::message::Message;
use crate::proto::session::Session;
use crate::proto::turn::Turn;

/// The steps that a session takes for these frames, and to be frozen behind them.
fn steps(frames: impl Iterator<Item = String>) -> u64 {
    let mut session = Session::new(None, Limits::default());
    receive(&mut session, frames);
    let lost = RpcError::error("lost");
    session.freeze_lossy(&[], &mut |_| Name::Pin, &lost, &mut Vec::new()).unwrap();
    session.graph.steps.load(std::sync::atomic::Ordering::Relaxed)
}

fn receive(session: &mut Session, frames: impl Iterator<Item = String>) -> Turn {
    let (mut turn, mut tape) = (Turn::default(), Tape::default());
    for frame in frames {
        let message = Message::parse(&frame, &mut tape, 256).unwrap();
        session.recv(message, &mut turn).unwrap();
    }
    turn
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
        assert!(many <= 5_000 * 8, "{what}: {many} steps");
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
        assert!(waiters.capacity() < 16, "{} waiters", waiters.len());
    }
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
        assert_eq!(session.graph.waiters_mut(node).map(|waiters| waiters.len()), Some(1));
    }
    let answers = [String::from("[\"resolve\",-1,1]"), String::from("[\"resolve\",-2,2]")];
    assert_eq!(receive(&mut session, answers.into_iter()).calls.len(), 1);
}

#[test]
fn a_writable_never_leads_to_itself() {
    let circle = ["[\"resolve\",-1,[\"writable\",-2]]", "[\"resolve\",-2,[\"writable\",-1]]"];
    let promises = [push("[\"promise\",-1]"), push("[\"promise\",-2]")];
    let call = push("[\"pipeline\",1,[\"x\"],[]]");
    let steps = steps(promises.into_iter().chain(circle.map(str::to_owned)).chain([call]));
    assert!(steps < 100, "{steps} steps");
}
