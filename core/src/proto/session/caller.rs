//! What the caller does with capabilities: makes them, settles, uses and releases them.

use super::Session;
use crate::proto::graph::{Promised, State, Waiters};
#[cfg(feature = "peer")]
use crate::proto::ids::Referent;
use crate::proto::ids::{AnswerId, Cap, CapId, PullId, TargetId, WatchId};
use crate::proto::path::Path;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

impl Session {
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

    /// The object that a capability stands for. `None` for a promise, whose value may be any.
    #[cfg(feature = "peer")]
    pub(crate) fn referent(&self, cap: CapId) -> Option<Referent> {
        match self.graph.state(self.graph.peek_stub(cap)) {
            State::Target(target) => Some(Referent::Own(*target)),
            State::Import(import) if !import.is_promise => Some(Referent::Peer(import.id.0)),
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
}

const RELEASED: &str = "the peer's main object was released";
