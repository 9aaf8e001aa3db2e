//! A session as a snapshot, and what stands in the way of one.

mod survey;

use survey::Survey;

use super::Session;
use crate::RpcError;
use crate::proto::freeze::{Name, Pin, Pinned, verify};
use crate::proto::graph::State;
use crate::proto::ids::{AnswerId, CapId, TargetId};
use crate::proto::table::Table;
use crate::proto::turn::Turn;

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
}
