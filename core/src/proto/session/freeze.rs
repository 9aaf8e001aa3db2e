//! A session as a snapshot: what the tables lead to, numbered in that order.

use super::Session;
use super::exports::{Export, Kind, Pull};
use crate::order::in_order;
use crate::proto::freeze::{
    Entry, EntryKind, Link, MainExport, Name, Node, PeerEntry, Pin, Pinned, Snapshot, Waiting,
    check_error, hole_offsets, verify,
};
use crate::proto::graph::{Action, Ends, State};
use crate::proto::ids::{AnswerId, Cap, CapId, ExportId, TargetId};
use crate::proto::table::Table;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

impl Session {
    /// Appends all that the session is to `out`, as bytes that [`thaw`](Self::thaw) makes it from
    /// again: the tables, the counters of ids, and the values, errors and targets that they lead
    /// to. Changes nothing.
    ///
    /// `held` are the capabilities that the application keeps for longer than its memory, above
    /// all stubs of the peer's, each with a number by which it gets them back. Other references
    /// of the caller are not saved: what only they hold of the peer's is released when the
    /// session is thawed. `name` is asked once for each target that is saved, except the main
    /// object, which is made anew. Watches and limits are not saved.
    ///
    /// To be called between turns, when the last one has been dealt with. Equal sessions give
    /// equal bytes if `name` does, so that bytes that are the same as before need no storing.
    ///
    /// # Errors
    ///
    /// If something cannot be saved; `out` is then as it was.
    ///
    /// ```
    /// use topsail_core::proto::{
    ///     Cap, Limits, Message, Name, Path, Session, SturdyRef, TargetId, Turn,
    /// };
    /// use topsail_core::{json::Tape, Payload};
    ///
    /// const MAIN: TargetId = TargetId(0);
    /// const ROOM: TargetId = TargetId(1);
    /// let mut session = Session::new(Some(MAIN), Limits::default());
    /// let (mut turn, mut tape) = (Turn::default(), Tape::default());
    /// let mut held = Vec::new();
    /// // The peer joins with a callback and is given a room.
    /// for text in [r#"["push",["pipeline",0,["join"],[["export",-1]]]]"#, r#"["pull",1]"#] {
    ///     session.recv(Message::parse(text, &mut tape, 256)?, &mut turn)?;
    ///     while let Some(mut call) = turn.calls.pop_front() {
    ///         held.extend(call.take_caps().into_iter().map(|callback| (7, callback.id())));
    ///         let room = session.target(ROOM);
    ///         session.settle(call.answer, Ok(Payload::from_cap(Cap::Stub(room))), &mut turn);
    ///     }
    /// }
    /// assert_eq!(turn.out.take(), r#"["resolve",1,["export",-1]]"#);
    ///
    /// let mut bytes = Vec::new();
    /// let mut name = |_room| {
    ///     Name::Sturdy(SturdyRef { kind: "room".into(), state: "\"lobby\"".into() })
    /// };
    /// session.freeze(&held, &mut name, &mut bytes)?;
    /// assert_eq!(bytes.len(), 39);
    /// drop(session);
    ///
    /// let mut find = |name: &SturdyRef| {
    ///     assert_eq!((&*name.kind, &*name.state), ("room", "\"lobby\""));
    ///     Ok(ROOM)
    /// };
    /// let limits = Limits::default();
    /// let mut thawed = Session::thaw(&bytes, Some(MAIN), limits, &mut find, &mut turn)?;
    /// for (number, callback) in thawed.held {
    ///     assert_eq!(number, 7);
    ///     let arguments = Payload::from_text("[\"news\"]".into());
    ///     thawed.session.call(callback, &Path::new(), arguments, &mut turn);
    /// }
    /// assert_eq!(turn.out.as_str(), r#"["push",["pipeline",-1,[],["news"]]]"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn freeze(
        &self,
        held: &[(u32, CapId)],
        name: &mut dyn FnMut(TargetId) -> Name,
        out: &mut Vec<u8>,
    ) -> Result<(), Pinned> {
        let (snapshot, pins) = Survey::of(self, held, name, None);
        if !pins.is_empty() {
            return Err(Pinned(pins));
        }
        snapshot.write(out);
        Ok(())
    }

    /// As [`freeze`](Self::freeze), but what cannot be saved does not prevent it: in the thawed
    /// session it rejects every use with `lost`, and so do calls that run now, at once if the peer
    /// waits for them. For when memory may be lost at any time.
    ///
    /// Gives what would be lost: what `freeze` gives as its error, and the peer's objects to which
    /// the caller holds references that `held` does not list.
    ///
    /// # Errors
    ///
    /// If the session has ended, will receive no more messages, or exceeds a limit.
    pub fn freeze_lossy(
        &self,
        held: &[(u32, CapId)],
        name: &mut dyn FnMut(TargetId) -> Name,
        lost: &RpcError,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Pin>, Pinned> {
        let (snapshot, mut pins) = Survey::of(self, held, name, Some(lost));
        if self.takes_nothing() {
            return Err(Pinned(pins));
        }
        verify(&snapshot, &self.limits)
            .map_err(|error| Pinned(vec![Pin::Value(RpcError::from(error))]))?;
        snapshot.write(out);
        if self.deliveries.len() == 0 && self.held_back().len() == 0 {
            pins.extend(self.held_elsewhere(held));
        }
        Ok(pins)
    }

    /// What prevents [`freeze`](Self::freeze) now. Empty if nothing does.
    pub fn pins(&self, held: &[(u32, CapId)], name: &mut dyn FnMut(TargetId) -> Name) -> Vec<Pin> {
        Survey::of(self, held, name, None).1
    }

    /// Whether the session is open, no call runs, no stream is open, and nothing waits here for a
    /// promise: then
    /// [`freeze`](Self::freeze) depends only on the names of targets and on the values held.
    ///
    /// A result that the peer waits for and that is a promise of the peer's own does not count:
    /// it can be saved.
    pub fn is_quiescent(&self) -> bool {
        let is_idle =
            self.calls_in_flight == 0 && self.deliveries.len() == 0 && !self.has_streams();
        is_idle && !self.graph.has_promised() && self.woken.is_empty() && !self.takes_nothing()
    }

    fn takes_nothing(&self) -> bool {
        self.closed.is_some() || self.is_input_ended
    }

    /// What runs or waits.
    fn activity(&self) -> Vec<Pin> {
        let mut pins = Vec::new();
        if self.takes_nothing() {
            pins.push(Pin::Closed);
        }
        let waiting = self.held_back();
        let all = self.graph.pending().map(|(node, _)| node);
        let running = all.filter(|node| !waiting.contains(node.0.into()));
        pins.extend(running.map(|node| Pin::Call(AnswerId(node.0))));
        if waiting.len() > 0 {
            pins.push(Pin::Waiting(waiting.len()));
        }
        if self.has_streams() {
            pins.push(Pin::Stream);
        }
        pins.extend(
            self.deliveries.iter().filter_map(|(_, delivery)| delivery.pull()).map(Pin::Pull),
        );
        pins
    }

    /// All calls that run reject, and what waits for them with them.
    pub fn fail_running(&mut self, error: &RpcError, turn: &mut Turn) {
        loop {
            let waiting = self.held_back();
            let all = self.graph.pending().map(|(node, _)| node);
            let running: Vec<_> = all.filter(|node| !waiting.contains(node.0.into())).collect();
            if running.is_empty() {
                break;
            }
            for node in running {
                self.claim(node);
                self.settle(AnswerId(node.0), Err(error.clone()), turn);
            }
        }
    }

    /// Has the caller owe the value of a promise that nobody has asked for.
    fn claim(&mut self, node: CapId) {
        if let Some(State::Promised(promised)) = self.graph.state_mut(node)
            && !promised.waiters.is_wanted
        {
            promised.waiters.is_wanted = true;
            self.graph.retain(node);
            self.calls_in_flight += 1;
        }
    }

    /// The results of operations that wait for promises, of ours or of the peer's.
    fn held_back(&self) -> Table {
        let waiters = self.graph.pending().flat_map(|(_, waiters)| waiters);
        let results = waiters.filter_map(|waiter| waiter.action.result());
        let deliveries = self.deliveries.iter().filter_map(|(id, _)| self.delivery(id)?.1);
        let mut held_back = Table::default();
        for node in results.chain(deliveries) {
            held_back.insert(node.0.into(), 0);
        }
        held_back
    }

    /// The ids of the export table but the main object's, in the order of a snapshot.
    fn export_order(&self) -> Vec<ExportId> {
        let ids = self.exports.ids().filter(|id| id.0 != 0).map(|id| (id.place(), id.0));
        in_order(ids).map(|(_, id)| ExportId(id)).collect()
    }

    /// References of the caller to objects of the peer that are not among those held, while
    /// nothing waits for a promise.
    fn held_elsewhere(&self, held: &[(u32, CapId)]) -> Option<Pin> {
        // Most sessions have of the peer's only its main object, and refer to it but once.
        if self.imports.iter().all(|(id, entry)| id == 0 && self.graph.is_unshared(entry.node)) {
            return None;
        }
        let own = self.imports.get(0).map(|main| main.node);
        let exports = self.exports.ids().filter_map(|id| self.exports.get(&id));
        let known = exports.map(|export| export.node);
        let known = known.chain(held.iter().map(|&(_, cap)| cap)).chain(own);
        let count = self
            .graph
            .held_by_others(known, |end| matches!(self.graph.state(end), State::Import(_)));
        (count > 0).then_some(Pin::Held(count))
    }

    /// The exports that wait for promises, of the peer or of ours, in the order of arrival.
    fn waiting_exports(&self) -> Vec<Waiting> {
        let imported =
            self.imports.iter().flat_map(|(_, entry)| match self.graph.state(entry.node) {
                State::Import(import) => import.waiters.all.as_slice(),
                _ => &[],
            });
        let waiters = imported.chain(self.graph.pending().flat_map(|(_, waiters)| waiters));
        let ids = waiters.filter_map(|waiter| match waiter.action {
            Action::Resolve(id) => Some((waiter.order, id.0)),
            _ => None,
        });
        in_order(ids).filter_map(|(_, id)| self.waiting(ExportId(id))).collect()
    }

    fn waiting(&self, id: ExportId) -> Option<Waiting> {
        let export = self.exports.get(&id).filter(|export| export.pull == Pull::Waiting)?;
        Some(Waiting { id, is_streamed: export.kind == Kind::Streamed })
    }
}

/// The making of a snapshot.
struct Survey<'s, 'n> {
    session: &'s Session,
    name: &'n mut dyn FnMut(TargetId) -> Name,
    /// What becomes of that which cannot be saved, if it does not matter.
    lost: Option<&'s RpcError>,
    /// By the place of a node, its number; `u32::MAX` for none.
    numbers: Vec<u32>,
    /// The nodes that have numbers.
    order: Vec<CapId>,
    promises: Ends<'s>,
    stubs: Ends<'s>,
    pins: Vec<Pin>,
    has_streams: bool,
}

impl<'s, 'n> Survey<'s, 'n> {
    fn of(
        session: &'s Session,
        held: &[(u32, CapId)],
        name: &'n mut dyn FnMut(TargetId) -> Name,
        lost: Option<&'s RpcError>,
    ) -> (Snapshot, Vec<Pin>) {
        let mut survey = Survey {
            session,
            name,
            lost,
            numbers: Vec::new(),
            order: Vec::new(),
            promises: Ends::of_promises(&session.graph),
            stubs: Ends::of_stubs(&session.graph),
            pins: session.activity(),
            has_streams: session.has_streams(),
        };
        let snapshot = survey.snapshot(held);
        if lost.is_none()
            && survey.pins.is_empty()
            && let Err(error) = verify(&snapshot, &session.limits)
        {
            survey.pins.push(Pin::Value(RpcError::from(error)));
        }
        (snapshot, survey.pins)
    }

    fn snapshot(&mut self, held: &[(u32, CapId)]) -> Snapshot {
        let session = self.session;
        let ids = session.export_order();
        let exports = ids
            .into_iter()
            .filter_map(|id| session.exports.get(&id).map(|export| self.entry(id, export)))
            .collect();
        let held = in_order(held.iter().map(|&(number, cap)| (number.into(), cap.0.into())));
        Snapshot {
            last_push: session.last_push,
            last_export: session.last_export,
            last_import: session.last_import,
            main: self.main(),
            exports,
            waiting: session.waiting_exports(),
            held: held
                .map(|(number, cap)| (number as u32, self.number(CapId(cap as u32))))
                .collect(),
            nodes: self.nodes(),
        }
    }

    fn main(&self) -> MainExport {
        match self.session.exports.get(&ExportId(0)) {
            None => MainExport::Released,
            Some(export) if export.pull == Pull::No => MainExport::Held,
            Some(_) => MainExport::Pulled,
        }
    }

    fn entry(&mut self, id: ExportId, export: &Export) -> Entry {
        let end = self.promises.end(export.node);
        let kind = match export.kind {
            Kind::Stub => EntryKind::Stub { is_known: self.session.graph.export(end) == Some(id) },
            Kind::Promise => EntryKind::Promise,
            Kind::Result | Kind::Main | Kind::Streamed | Kind::Pipe => EntryKind::Result,
        };
        let (node, refs) = (self.number(export.node), export.refs);
        Entry { id, node, refs, kind, is_pulled: export.pull == Pull::Done }
    }

    /// The number of what a node stands for.
    fn number(&mut self, cap: CapId) -> u32 {
        let end = self.promises.end(cap);
        let place = self.session.graph.place(end);
        if place >= self.numbers.len() {
            self.session.graph.step(place + 1 - self.numbers.len());
            self.numbers.resize(place + 1, u32::MAX);
        }
        let Some(number) = self.numbers.get_mut(place) else { return u32::MAX };
        if *number == u32::MAX {
            *number = self.order.len() as u32;
            self.order.push(end);
        }
        *number
    }

    /// All nodes that have numbers, and those that these lead to; last, what nobody holds of the
    /// peer's, to be released in the end.
    fn nodes(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        self.reach(&mut nodes);
        for (id, entry) in self.session.imports.iter() {
            // The peer lets go by itself of what takes no references: writes into streams.
            if id != 0 && entry.refs > 0 {
                self.number(entry.node);
            }
        }
        self.reach(&mut nodes);
        nodes
    }

    fn reach(&mut self, nodes: &mut Vec<Node>) {
        while let Some(&cap) = self.order.get(nodes.len()) {
            let node = self.node(cap);
            nodes.push(node);
        }
    }

    fn node(&mut self, cap: CapId) -> Node {
        match self.session.graph.state(cap) {
            &State::Target(target) => self.target(target),
            State::Ready(value) => self.value(value),
            State::Failed(error) => self.failure(error.clone()),
            State::Import(import) if import.id.0 == 0 => Node::PeerMain,
            State::Import(import) => {
                let refs = self.session.imports.get(import.id.0).map_or(1, |entry| entry.refs);
                if refs == 0 {
                    return self.lose();
                }
                Node::Peer(PeerEntry {
                    id: import.id,
                    refs,
                    is_promise: import.is_promise,
                    is_pulled: import.is_pulled,
                })
            }
            // It is among the pins.
            State::Pending(_) | State::Promised(_) | State::Writable(_) | State::Readable(_) => {
                self.lose()
            }
            State::Vacant | State::Forward(_) => {
                Node::Failed(RpcError::error("the capability was released"))
            }
        }
    }

    fn target(&mut self, target: TargetId) -> Node {
        if self.session.main == Some(target) {
            return Node::Main;
        }
        match (self.name)(target) {
            Name::Sturdy(name) => Node::Target(name),
            Name::Break(error) => self.failure(error),
            Name::Pin => {
                self.pins.push(Pin::Target(target));
                self.lose()
            }
        }
    }

    /// What stands for something that cannot be saved. With pins and no `lost`, it does not matter
    /// which node that is.
    fn lose(&mut self) -> Node {
        match self.lost {
            Some(lost) => self.failure(lost.clone()),
            None => Node::PeerMain,
        }
    }

    fn value(&mut self, value: &Payload<Cap>) -> Node {
        let unfit = match hole_offsets(value.text(), &self.session.limits) {
            Ok(holes) if value.offsets().eq(holes.iter().copied()) => None,
            Ok(_) => Some(RpcError::type_error("a hole without capability")),
            Err(why) => Some(why),
        };
        if let Some(why) = unfit {
            self.pins.push(Pin::Value(why));
            return self.lose();
        }
        let mut copy = Payload::empty();
        copy.push_payload(value, |&cap| self.link(cap));
        Node::Value(copy)
    }

    fn link(&mut self, cap: Cap) -> Link {
        match cap {
            Cap::Promise(promise) => Link { node: self.number(promise), is_promise: true },
            Cap::Writable(stream) | Cap::Readable(stream) => {
                if !std::mem::replace(&mut self.has_streams, true) {
                    self.pins.push(Pin::Stream);
                }
                Link { node: self.number(stream), is_promise: false }
            }
            Cap::Stub(stub) => {
                let end = self.stubs.end(stub);
                Link { node: self.number(end), is_promise: false }
            }
        }
    }

    fn failure(&mut self, error: RpcError) -> Node {
        match check_error(&error, &self.session.limits) {
            Ok(()) => Node::Failed(error),
            Err(why) => {
                self.pins.push(Pin::Value(why));
                Node::Failed(RpcError::new(error.kind().to_owned(), error.message()))
            }
        }
    }
}
