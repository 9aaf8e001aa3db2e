//! How the work grows with what is sent: counted in steps, not in time.

use crate::RpcError;
use crate::json::Tape;
use crate::proto::Name;
use crate::proto::limits::Limits;
use crate::proto::message::Message;
use crate::proto::session::Session;
use crate::proto::turn::Turn;

/// The steps that a session takes for these frames, and to be frozen behind them.
fn steps(frames: impl Iterator<Item = String>) -> u64 {
    let mut session = Session::new(None, Limits::default());
    let (mut turn, mut tape) = (Turn::default(), Tape::default());
    for frame in frames {
        let message = Message::parse(&frame, &mut tape, 256).unwrap();
        session.recv(message, &mut turn).unwrap();
    }
    let lost = RpcError::error("lost");
    session.freeze_lossy(&[], &mut |_| Name::Pin, &lost, &mut Vec::new()).unwrap();
    session.graph.steps.load(std::sync::atomic::Ordering::Relaxed)
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
