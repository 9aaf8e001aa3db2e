//! The session: what each input does to the tables and the graph.

mod budget;
mod caller;
mod circles;
mod close;
mod copy;
mod deliver;
mod dispatch;
mod evaluate;
mod exports;
mod find;
mod freeze;
mod imports;
mod map;
mod pipe;
mod program;
mod pump;
mod readable;
mod recv;
mod resolve;
mod settle;
mod splice;
mod thaw;
#[cfg(test)]
mod work_tests;
mod writable;

use std::collections::{BinaryHeap, VecDeque};

use deliver::Delivery;
use exports::Exports;
use imports::ImportEntry;
use settle::Woken;

use super::graph::{Freed, Graph};
use super::ids::{Cap, CapId, ExportId, TargetId};
use super::limits::Limits;
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
