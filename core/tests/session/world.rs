//! A session with the transcripts' `TestTarget` behind it. It runs calls as JavaScript does: at
//! once, with their results settled in the order of a queue once the message is dealt with.

use std::collections::{HashMap, VecDeque};

use topsail_core::json::Tape;
use topsail_core::proto::{
    Abort, AnswerId, BytesChunk, Cap, CapId, Limits, Message, PullId, Session, Stats, TargetId,
    Turn,
};
use topsail_core::{Payload, RpcError};

use super::args::Args;
use super::objects::Object;
use super::streaming::{Caller, Feeding, Reading};

/// What a method gives.
pub(super) type Outcome = Result<Payload<Cap>, RpcError>;

/// What is to be done later.
#[derive(Debug)]
enum Job {
    /// A method has returned; its arguments end with it.
    Return { answer: AnswerId, outcome: Outcome, args: Args },
}

/// What waits for a pull.
#[derive(Debug)]
pub(super) enum Awaiting {
    /// A method that then returns `{"result": value}`.
    Result(Caller),
    Read(Reading),
    Written(Feeding),
}

/// Main object, session and everything in between.
pub(super) struct World {
    pub(super) session: Session,
    pub(super) turn: Turn,
    /// By target id; none once dropped.
    pub(super) objects: Vec<Option<Object>>,
    pub(super) kept: Option<CapId>,
    pub(super) log: Vec<String>,
    /// The frames that were received, each with those that were sent then.
    pub(super) record: Vec<(String, Vec<String>)>,
    jobs: VecDeque<Job>,
    pub(super) awaiting: HashMap<PullId, Awaiting>,
    pub(super) last_pull: u64,
}

pub(super) const MAIN: TargetId = TargetId(0);

impl World {
    pub(super) fn new(limits: Limits) -> Self {
        World {
            session: Session::new(Some(MAIN), limits),
            turn: Turn::default(),
            objects: vec![Some(Object::Main)],
            kept: None,
            log: Vec::new(),
            record: Vec::new(),
            jobs: VecDeque::new(),
            awaiting: HashMap::new(),
            last_pull: 0,
        }
    }

    /// Hands a frame over and runs until nothing moves; gives the frames that were sent.
    pub(super) fn recv(&mut self, text: &str) -> Vec<String> {
        let sent = self.receive(text);
        self.record.push((text.to_owned(), sent.clone()));
        sent
    }

    /// Hands a chunk over; gives the frames that were sent, and whether its message was not needed.
    pub(super) fn recv_chunk(&mut self, chunk: BytesChunk) -> (Vec<String>, bool) {
        match self.session.recv_chunk(chunk, &mut self.turn) {
            Ok(()) => (self.idle(None), true),
            Err(chunk) => (self.recv(&chunk.into_text()), false),
        }
    }

    fn receive(&mut self, text: &str) -> Vec<String> {
        let limits = self.session.limits().clone();
        let mut tape = Tape::default();
        if text.len() > limits.max_message_bytes {
            self.session.recv_invalid(Abort::too_long(limits.max_message_bytes), &mut self.turn);
            return self.idle(None);
        }
        match Message::parse(text, &mut tape, limits.max_depth_levels) {
            Ok(message) => {
                let was_closed = self.session.closed().is_some();
                let received = self.session.recv(message, &mut self.turn);
                let is_closed = self.session.closed().is_some();
                assert!(received.is_ok() || is_closed, "an abort ends the session");
                assert!(!was_closed || received.is_err(), "a closed session takes nothing");
                self.idle(Some(message))
            }
            Err(error) => {
                self.session.recv_invalid(error, &mut self.turn);
                self.idle(None)
            }
        }
    }

    /// Runs until nothing moves.
    pub(super) fn idle(&mut self, message: Option<Message<'_>>) -> Vec<String> {
        loop {
            if let Some(mut call) = self.turn.calls.pop_front() {
                let args = Args::take(&mut call, message);
                let name = call.member(message).map(str::to_owned);
                self.run(call.answer, call.target, (name.as_deref(), call.is_get()), args);
            } else if let Some((pull, result)) = self.turn.results.pop_front() {
                self.pulled(pull, result);
            } else if let Some(Job::Return { answer, outcome, args }) = self.jobs.pop_front() {
                self.release_all(args.into_caps());
                self.session.settle(answer, outcome, &mut self.turn);
            } else {
                break;
            }
        }
        for target in std::mem::take(&mut self.turn.dropped) {
            if !self.session.holds(target) {
                let object = self.objects[target.0 as usize].take();
                assert!(object.is_some(), "{target:?} is dropped twice");
            }
        }
        let out = self.turn.out.take();
        out.split('\n').filter(|frame| !frame.is_empty()).map(str::to_owned).collect()
    }

    fn run(
        &mut self,
        answer: AnswerId,
        target: TargetId,
        (name, is_get): (Option<&str>, bool),
        args: Args,
    ) {
        let mut caller = Caller { answer, args };
        if let (Some(name), false) = (name, is_get)
            && target == MAIN
        {
            match self.stream(name, caller) {
                Some(back) => caller = back,
                None => return,
            }
        }
        let outcome = match (name, is_get) {
            (Some("callFunction"), false) if target == MAIN => {
                match self.call_function(&caller.args) {
                    Ok(promise) => return self.await_result(caller, promise),
                    Err(error) => Err(error),
                }
            }
            (Some(name), true) => self.get(target, name),
            (name, _) => self.call(target, name.unwrap_or_default(), &caller.args),
        };
        self.finish(caller, outcome);
    }

    fn await_result(&mut self, caller: Caller, promise: CapId) {
        self.last_pull += 1;
        let pull = PullId(self.last_pull);
        self.awaiting.insert(pull, Awaiting::Result(caller));
        self.session.pull(promise, pull, &mut self.turn);
        self.session.release(promise, &mut self.turn);
    }

    /// Has a method return.
    pub(super) fn finish(&mut self, Caller { answer, args }: Caller, outcome: Outcome) {
        self.jobs.push_back(Job::Return { answer, outcome, args });
    }

    fn pulled(&mut self, pull: PullId, result: Outcome) {
        match self.awaiting.remove(&pull).expect("a pull has one answer") {
            Awaiting::Result(caller) => self.finish(caller, result.map(as_result)),
            Awaiting::Read(reading) => self.has_read(reading, result),
            Awaiting::Written(feeding) => self.has_written(feeding, result),
        }
    }

    /// A new target as a capability with a reference.
    pub(super) fn export(&mut self, object: Object) -> CapId {
        self.objects.push(Some(object));
        self.session.target(TargetId(self.objects.len() as u64 - 1))
    }

    pub(super) fn retain(&mut self, cap: CapId) -> Cap {
        self.session.retain(cap);
        Cap::Stub(cap)
    }

    pub(super) fn release_all(&mut self, caps: Vec<Cap>) {
        for cap in caps {
            self.session.release(cap.id(), &mut self.turn);
        }
    }

    /// The application lets go of what it kept, and the connection ends.
    pub(super) fn disconnect(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.session.release(kept, &mut self.turn);
        }
        let gone = RpcError::error("the connection is gone");
        self.session.disconnected(gone, &mut self.turn);
        self.idle(None);
    }

    /// What must be true of a closed session once nothing runs.
    pub(super) fn check_empty(&self) {
        assert_eq!(self.session.stats(), Stats::default(), "a closed session holds something");
        assert_eq!(self.session.pending_pulls(), 0);
        let left: Vec<_> = self.objects.iter().flatten().collect();
        assert!(left.is_empty(), "not dropped: {left:?}");
        assert!(self.awaiting.is_empty(), "pulls without an answer");
    }
}

fn as_result(value: Payload<Cap>) -> Payload<Cap> {
    let mut payload = Payload::from_text(String::from("{\"result\":"));
    payload.push_payload(&value, |cap| *cap);
    payload.text_mut().push('}');
    payload
}
