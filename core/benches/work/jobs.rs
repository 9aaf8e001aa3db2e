use std::cell::Cell;
use std::rc::Rc;

use topsail_core::json::Tape;
use topsail_core::proto::{Limits, Message, Name, Session, TargetId, Turn};
use topsail_core::{Outbox, Payload, Peer, RpcError, RpcSessionOptions, Transport, codec};

use super::api::{Api, User};
use super::text;

/// A piece of work, always the same.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    /// What its figures are divided by.
    pub(crate) operations: usize,
    /// Makes what does the work once, and gives something that depends on all of it.
    pub(crate) prepare: fn() -> Run,
}

pub(crate) type Run = Box<dyn FnMut() -> usize>;

pub(crate) const JOBS: &[Job] = &[
    Job { name: "parse-1m", operations: 1, prepare: || parse(text::document(1_000_000)) },
    Job { name: "batch-1", operations: 1, prepare: || answer(text::squares(1)) },
    Job { name: "batch-1000", operations: 1000, prepare: || answer(text::squares(1000)) },
    Job { name: "chain-200", operations: 200, prepare: || answer(text::chain(200)) },
    Job { name: "map-1000", operations: 1000, prepare: || answer(text::mapped(1000)) },
    Job { name: "echo-15k", operations: 1, prepare: || answer(text::echo(15_000)) },
    Job { name: "echo-1m", operations: 1, prepare: || answer(text::echo(1_000_000)) },
    Job {
        name: "users-200",
        operations: 1,
        prepare: || answer(text::batch(1, |_| r#"["users"],[200]"#.into())),
    },
    Job { name: "update-user-200", operations: 200, prepare: || answer(text::updates(200)) },
    Job { name: "encode-200", operations: 200, prepare: encode },
    Job { name: "call", operations: 100, prepare: calls_in_turn },
    Job { name: "freeze-thaw", operations: 1, prepare: freeze_and_thaw },
];

/// Counts what is sent.
#[derive(Clone, Default)]
struct Sent(Rc<Cell<usize>>);

impl Transport for Sent {
    fn send(&self, messages: &Outbox) {
        self.0.update(|bytes| bytes + messages.as_str().len());
    }
}

fn parse(text: String) -> Run {
    let mut tape = Tape::default();
    Box::new(move || {
        tape.parse(&text, 256).expect("JSON");
        tape.len()
    })
}

/// A session for one batch, from its beginning to its end.
fn answer(batch: String) -> Run {
    Box::new(move || {
        let sent = Sent::default();
        let peer = Peer::new(Some(Rc::new(Api)), sent.clone(), RpcSessionOptions::default());
        peer.recv_batch(&batch);
        if !peer.is_done() {
            peer.end_of_input();
            peer.disconnected(RpcError::error("Batch RPC request ended."));
        }
        assert!(sent.0.get() > 0, "an answer");
        sent.0.get()
    })
}

fn encode() -> Run {
    let users: Vec<User> = (0..200).map(User::example).collect();
    Box::new(move || codec::encode(&users).expect("users").text().len())
}

/// Calls on a socket, each answered and released before the next.
fn calls_in_turn() -> Run {
    let sent = Sent::default();
    let peer = Peer::new(Some(Rc::new(Api)), sent.clone(), RpcSessionOptions::default());
    let mut id = 0;
    Box::new(move || {
        for _ in 0..100 {
            id += 1;
            peer.recv(r#"["push",["pipeline",0,["square"],[7]]]"#);
            peer.recv(&format!(r#"["pull",{id}]"#));
            peer.recv(&format!(r#"["release",{id},1]"#));
        }
        sent.0.get()
    })
}

fn freeze_and_thaw() -> Run {
    let (session, main) = (session_with_results(), Some(TargetId(0)));
    let no_target = |_: &_| Err(RpcError::error("no target was frozen"));
    Box::new(move || {
        let (mut bytes, mut turn) = (Vec::new(), Turn::default());
        session.freeze(&[], &mut |_| Name::Pin, &mut bytes).expect("nothing pins");
        Session::thaw(&bytes, main, Limits::default(), &mut { no_target }, &mut turn)
            .expect("its own bytes");
        bytes.len()
    })
}

fn session_with_results() -> Session {
    let mut session = Session::new(Some(TargetId(0)), Limits::default());
    let (mut turn, mut tape) = (Turn::default(), Tape::default());
    for _ in 0..50 {
        let text = r#"["push",["pipeline",0,["square"],[5]]]"#;
        let message = Message::parse(text, &mut tape, 256).expect("a message");
        session.recv(message, &mut turn).expect("a push");
        while let Some(call) = turn.calls.pop_front() {
            session.settle(call.answer, Ok(Payload::from_text("25".into())), &mut turn);
        }
    }
    session
}
