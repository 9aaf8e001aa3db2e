//! The session: what each input does to the tables and the graph.

mod budget;
mod circles;
mod close;
mod copy;
mod deliver;
mod dispatch;
mod evaluate;
mod exports;
mod freeze;
mod imports;
mod map;
mod pipe;
mod program;
mod pump;
mod recv;
mod settle;
mod splice;
mod thaw;
#[cfg(test)]
mod work_tests;

use std::collections::{BinaryHeap, VecDeque};

use deliver::Delivery;
use exports::Exports;
use imports::ImportEntry;
use settle::Woken;

use super::graph::{Freed, Graph, Promised, State, Waiters};
use super::ids::{AnswerId, Cap, CapId, ExportId, PullId, TargetId, WatchId};
use super::limits::Limits;
use super::path::Path;
use super::pipe::{Pipe, Pump};
use super::turn::Turn;
use crate::json::Tape;
use crate::ordered::Ordered;
use crate::slab::Slab;
use crate::{Payload, RpcError};

/// One end of a Cap'n Web session: its tables and its promise graph. Plain data: `Send`, no
/// future, no clock, no object of the application.
///
/// Every input takes the [`Turn`] it writes its effects to; the turn's docs say what the caller
/// does with them.
///
/// ```
/// use topsail_core::proto::{Cap, Limits, Message, Session, TargetId, Turn};
/// use topsail_core::{json::Tape, Payload};
///
/// let mut session = Session::new(Some(TargetId(0)), Limits::default());
/// let (mut turn, mut tape) = (Turn::default(), Tape::default());
/// for text in [r#"["push",["pipeline",0,["square"],[5]]]"#, r#"["pull",1]"#] {
///     let message = Message::parse(text, &mut tape, session.limits().max_depth_levels)?;
///     session.recv(message, &mut turn)?;
///     while let Some(call) = turn.calls.pop_front() {
///         assert_eq!(call.member(Some(message)), Some("square"));
///         session.settle(call.answer, Ok(Payload::from_text("25".into())), &mut turn);
///     }
/// }
/// assert_eq!(turn.out.as_str(), r#"["resolve",1,25]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Session {
    limits: Limits,
    /// Our main object, by whatever exports the peer has it.
    main: Option<TargetId>,
    graph: Graph,
    exports: Exports,
    /// The number of the peer's last push.
    last_push: i64,
    /// The number of our last stub or promise: negative.
    last_export: i64,
    /// Entries of `exports` that pushes made.
    unreleased_results: usize,
    pending_pulls: usize,
    imports: Ordered<ImportEntry>,
    /// The number of our last push.
    last_import: i64,
    deliveries: Slab<Delivery>,
    /// Waiters of settled nodes, first come first served.
    woken: BinaryHeap<Woken>,
    last_order: u64,
    pipes: Slab<Pipe>,
    pumps: Slab<Pump>,
    /// Pipes whose pumps have not sent anything yet.
    started_pumps: VecDeque<u64>,
    /// Of chunks in pipes.
    unread_bytes: usize,
    /// Of chunks sent after the end of the input.
    unanswered_bytes: usize,
    calls_in_flight: usize,
    queued_bytes: usize,
    /// Since the last input: what its maps have run and what was copied for it.
    map_steps: usize,
    copied_bytes: usize,
    /// Calls in arguments of calls, and maps in functions of maps, that are being evaluated.
    nesting: usize,
    is_input_ended: bool,
    closed: Option<RpcError>,
    /// The export table exceeds its limit, which ends the session when the input is dealt with.
    is_overfull: bool,
    /// After the end: how many inputs go by before circles are looked for again.
    inputs_to_sweep: u32,
    /// Scratch, empty between inputs.
    levels: Vec<u32>,
    freed: Vec<Freed>,
    /// References to give back at the end of the input.
    leftovers: Vec<CapId>,
    tape: Tape,
}

/// How much a session holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries of the export table, the main object included.
    pub exports: usize,
    /// Entries of the import table, the peer's main object included.
    pub imports: usize,
    /// Nodes of the promise graph.
    pub nodes: usize,
    /// Calls that run or wait.
    pub calls: usize,
    /// Bytes of values, of errors, and of waiting arguments.
    pub bytes: usize,
    /// Streams that are open, or still held at one end.
    pub pipes: usize,
}

impl Session {
    /// A session whose peer sees `main` as its main object. Without one, the peer's calls on it
    /// reject.
    pub fn new(main: Option<TargetId>, limits: Limits) -> Session {
        let mut session = Session {
            limits,
            main,
            graph: Graph::new(),
            exports: Exports::new(),
            last_push: 0,
            last_export: 0,
            unreleased_results: 0,
            pending_pulls: 0,
            imports: Ordered::with_one_chunk(),
            last_import: 0,
            deliveries: Slab::default(),
            woken: BinaryHeap::new(),
            last_order: 0,
            pipes: Slab::default(),
            pumps: Slab::default(),
            started_pumps: VecDeque::new(),
            unread_bytes: 0,
            unanswered_bytes: 0,
            calls_in_flight: 0,
            queued_bytes: 0,
            map_steps: 0,
            copied_bytes: 0,
            nesting: 0,
            is_input_ended: false,
            closed: None,
            is_overfull: false,
            inputs_to_sweep: 0,
            levels: Vec::new(),
            freed: Vec::new(),
            leftovers: Vec::new(),
            tape: Tape::default(),
        };
        session.export_main(main);
        session.import_main();
        session
    }

    /// The limits that the session enforces.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A call of the turn, or a promise made by [`promise`](Self::promise), is done. Takes over
    /// the references in the payload.
    pub fn settle(
        &mut self,
        answer: AnswerId,
        result: Result<Payload<Cap>, RpcError>,
        turn: &mut Turn,
    ) {
        let node = CapId(answer.0);
        self.calls_in_flight = self.calls_in_flight.saturating_sub(1);
        match result {
            Ok(payload) => self.resolve_node(node, payload, turn),
            Err(error) => self.settle_node(node, State::Failed(error)),
        }
        self.release_cap(node, turn);
        self.run_woken(turn);
    }

    /// A call of the turn is answered with a promise that takes calls already: they go to
    /// `target`, in the order in which they are made. If its value is wanted, the turn says so
    /// ([`Turn::wanted`]), and it is settled like a call.
    pub fn settle_promised(&mut self, answer: AnswerId, target: TargetId, turn: &mut Turn) {
        let node = CapId(answer.0);
        self.calls_in_flight = self.calls_in_flight.saturating_sub(1);
        let state = self.promised_by(target);
        if self.graph.is_open(node) {
            let followers = self.graph.take_followers(node);
            self.settle_node(node, state);
            self.follow(node, followers, turn);
        } else {
            // Its session has ended.
            let unused = self.graph.insert(state);
            self.release_cap(unused, turn);
        }
        self.release_cap(node, turn);
        self.run_woken(turn);
    }

    /// A promise of the caller's that takes calls already: see
    /// [`settle_promised`](Self::settle_promised).
    pub fn promised(&mut self, target: TargetId) -> CapId {
        let state = self.promised_by(target);
        self.graph.insert(state)
    }

    fn promised_by(&mut self, target: TargetId) -> State {
        let on = self.graph.target(target);
        State::Promised(Promised { on, waiters: Waiters::default() })
    }

    /// The peer's main object.
    pub fn remote_main(&mut self) -> CapId {
        match self.imports.get(0) {
            Some(entry) => self.graph.retain(entry.node),
            None => self.broken(self.closed.clone().unwrap_or_else(|| RpcError::error(RELEASED))),
        }
    }

    /// The capability of one of the caller's targets. The same target gives the same capability
    /// as long as anything refers to it; see [`holds`](Self::holds).
    pub fn target(&mut self, target: TargetId) -> CapId {
        self.graph.target(target)
    }

    /// Whether anything refers to a target. One that a turn lists as dropped may have come back
    /// since.
    pub fn holds(&self, target: TargetId) -> bool {
        self.graph.holds(target)
    }

    /// A promise that the caller settles.
    pub fn promise(&mut self) -> (CapId, AnswerId) {
        self.calls_in_flight += 1;
        let node = self.graph.insert(State::Pending(Waiters::default()));
        self.graph.retain(node);
        (node, AnswerId(node.0))
    }

    /// A capability whose every use fails.
    pub fn broken(&mut self, error: RpcError) -> CapId {
        let error = self.fit_error(error);
        self.graph.insert(State::Failed(error))
    }

    /// A promise that is resolved. Takes over the references in the payload.
    pub fn resolved(&mut self, payload: Payload<Cap>) -> CapId {
        self.value_node(payload)
    }

    /// One more reference.
    pub fn retain(&mut self, cap: CapId) {
        self.graph.retain(cap);
    }

    /// One reference fewer.
    pub fn release(&mut self, cap: CapId, turn: &mut Turn) {
        self.release_cap(cap, turn);
        self.run_woken(turn);
    }

    /// The caller's own target that a capability stands for, if it does.
    pub fn as_target(&self, cap: CapId) -> Option<TargetId> {
        match self.graph.state(self.graph.peek_stub(cap)) {
            State::Target(target) => Some(*target),
            _ => None,
        }
    }

    /// Calls the method at a path, or the capability itself by the empty path. `arguments` is a
    /// plain JSON array of expressions, not escaped; its references are taken over. Gives the
    /// promise of the result.
    pub fn call(
        &mut self,
        on: CapId,
        path: &Path,
        arguments: Payload<Cap>,
        turn: &mut Turn,
    ) -> CapId {
        let result = self.dispatch_owned(on, path, Some(arguments), turn);
        self.run_woken(turn);
        result
    }

    /// The promise of the property at a path.
    pub fn get(&mut self, on: CapId, path: &Path, turn: &mut Turn) -> CapId {
        let result = self.dispatch_owned(on, path, None, turn);
        self.run_woken(turn);
        result
    }

    /// Maps what is at a path: `instructions` is the JSON array of instructions that the protocol
    /// page describes under "remap". The references in `captures` are taken over.
    pub fn map(
        &mut self,
        on: CapId,
        path: &Path,
        captures: Vec<CapId>,
        instructions: String,
        turn: &mut Turn,
    ) -> CapId {
        let result = self.map_owned(on, path, captures, instructions, turn);
        self.run_woken(turn);
        result
    }

    /// Asks for the value of a promise, with all promises within replaced by their values. It
    /// comes as one of the turn's results, perhaps at once. The value of a stub is that stub.
    pub fn pull(&mut self, on: CapId, pull: PullId, turn: &mut Turn) {
        self.graph.retain(on);
        self.deliver_result(Payload::from_cap(Cap::Promise(on)), pull, turn);
        self.run_woken(turn);
    }

    /// Tells by the turn when a capability breaks: because its promise rejects or because the
    /// session ends. If it is a target of the caller's, or becomes one, the turn says that instead
    /// ([`Turn::watched`]).
    pub fn watch(&mut self, on: CapId, watch: WatchId, turn: &mut Turn) {
        self.watch_node(on, watch, turn);
    }

    /// How many results the peer has asked for that are not sent yet. An HTTP batch is answered
    /// when there are none.
    pub fn pending_pulls(&self) -> usize {
        self.pending_pulls
    }

    /// Whether all is sent that an HTTP batch is to be answered with: the session has ended, or the
    /// peer waits for no result, and no stream is being sent.
    pub fn is_drained(&self) -> bool {
        self.closed.is_some()
            || (self.pending_pulls == 0 && !(self.is_input_ended && self.pumps.len() > 0))
    }

    /// Whether the end of the session would tell the peer nothing more and end nothing of the caller's:
    /// it is drained, no call runs, no stream is open, and we hold nothing of the peer's.
    pub fn is_done(&self) -> bool {
        self.is_drained()
            && self.calls_in_flight == 0
            && self.imports.len() <= 1
            && self.pipes.len() == 0
            && self.pumps.len() == 0
    }

    /// Why the session has ended.
    pub fn closed(&self) -> Option<&RpcError> {
        self.closed.as_ref()
    }

    /// Whether neither side can use the session any more, but for the peer our main object: we
    /// hold nothing of the peer's, the peer nothing that it was given but targets that `is_dead`
    /// says can do nothing any more, and no call runs.
    pub fn is_unused(&self, is_dead: &dyn Fn(TargetId) -> bool) -> bool {
        let is_main_free = self.imports.get(0).is_none_or(|main| self.graph.is_unshared(main.node));
        is_main_free
            && self.imports.len() <= 1
            && self.calls_in_flight == 0
            && self.exports.ids().all(|id| id.0 == 0 || self.is_dead(id, is_dead))
    }

    fn is_dead(&self, id: ExportId, is_dead: &dyn Fn(TargetId) -> bool) -> bool {
        let export = self.exports.get(&id);
        export.and_then(|export| self.as_target(export.node())).is_some_and(is_dead)
    }

    /// What the session holds now.
    pub fn stats(&self) -> Stats {
        Stats {
            exports: self.exports.len(),
            imports: self.imports.len(),
            nodes: self.graph.len(),
            calls: self.calls_in_flight,
            bytes: self.queued_bytes.saturating_add(self.graph.settled_bytes()),
            pipes: self.pipes.len(),
        }
    }

    /// Releases a node and does what its end asks for.
    #[inline]
    fn release_cap(&mut self, cap: CapId, turn: &mut Turn) {
        if !self.graph.release_shared(cap) {
            self.release_last(cap, turn);
        }
    }

    #[inline(never)]
    fn release_last(&mut self, cap: CapId, turn: &mut Turn) {
        let mut freed = std::mem::take(&mut self.freed);
        self.graph.release(cap, &mut freed);
        self.settle_freed(&mut freed, turn);
        self.freed = freed;
    }

    /// What the end of nodes asks for.
    fn settle_freed(&mut self, freed: &mut Vec<Freed>, turn: &mut Turn) {
        for freed in freed.drain(..) {
            match freed {
                Freed::Target(target) => turn.dropped.push(target),
                Freed::Import(id) => self.send_release(id, turn),
                Freed::Writable(pipe) => self.writable_is_gone(pipe, turn),
                Freed::Readable(pipe) => self.readable_is_gone(pipe, turn),
            }
        }
    }

    fn release_later(&mut self, payload: &Payload<Cap>) {
        self.leftovers.extend(payload.caps().map(|cap| cap.id()));
    }

    fn retain_caps(&mut self, payload: &Payload<Cap>) {
        for cap in payload.caps() {
            self.graph.retain(cap.id());
        }
    }

    #[inline(never)]
    fn release_caps(&mut self, payload: &Payload<Cap>, turn: &mut Turn) {
        for cap in payload.caps() {
            self.release_cap(cap.id(), turn);
        }
    }
}

const RELEASED: &str = "the peer's main object was released";
