//! Replacing the promises in a payload by their values, and waiting for those that have none.

use super::Session;
use crate::proto::call::{Arguments, Call, Name, Operation};
use crate::proto::graph::{Action, State};
use crate::proto::ids::{AnswerId, Cap, CapId, PullId, TargetId};
use crate::proto::table::Table;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// A payload that waits for promises in it.
#[derive(Debug)]
pub(super) struct Delivery {
    payload: Payload<Cap>,
    to: Destination,
    /// Promises that are not settled yet, each counted once.
    missing: usize,
}

/// Who gets a payload without promises.
#[derive(Debug)]
pub(super) enum Destination {
    /// A call; the node of the target is held.
    Call { answer: AnswerId, node: CapId, target: TargetId, name: Option<Name> },
    /// The caller, who pulled.
    Pull(PullId),
}

impl Destination {
    /// Of the name that waits with the arguments.
    fn name_bytes(&self) -> usize {
        match self {
            Destination::Call { name: Some(Name::Owned(name)), .. } => name.len(),
            _ => 0,
        }
    }
}

impl Delivery {
    /// The pull that it is the answer of.
    pub(super) fn pull(&self) -> Option<PullId> {
        match self.to {
            Destination::Pull(pull) => Some(pull),
            Destination::Call { .. } => None,
        }
    }
}

impl Session {
    /// Emits a call once its arguments hold no promises.
    pub(super) fn deliver_call(
        &mut self,
        arguments: Payload<Cap>,
        to: Destination,
        turn: &mut Turn,
    ) {
        self.deliver(arguments, to, turn);
    }

    /// Gives the caller a value once it holds no promises.
    pub(super) fn deliver_result(&mut self, value: Payload<Cap>, pull: PullId, turn: &mut Turn) {
        self.deliver(value, Destination::Pull(pull), turn);
    }

    fn deliver(&mut self, payload: Payload<Cap>, to: Destination, turn: &mut Turn) {
        let payload = match self.splice(payload, turn) {
            Ok(payload) => payload,
            Err(error) => return self.fail_delivery(to, error, turn),
        };
        let promises = self.promises(&payload);
        if promises.is_empty() {
            return self.complete_delivery(payload, to, turn);
        }
        if let Some(error) = self.first_failure(&promises) {
            self.release_caps(&payload, turn);
            return self.fail_delivery(to, error, turn);
        }
        let bytes = payload.weight() + to.name_bytes();
        if let Err(error) = self.room_to_wait(bytes) {
            self.release_caps(&payload, turn);
            return self.fail_delivery(to, error, turn);
        }
        self.queued_bytes = self.queued_bytes.saturating_add(bytes);
        let id = self.deliveries.insert(Delivery { payload, to, missing: promises.len() });
        for node in promises {
            self.want(node, turn);
            self.wait(node, Action::Deliver(id));
        }
    }

    /// The promises in a payload, each of them once.
    fn promises(&mut self, payload: &Payload<Cap>) -> Vec<CapId> {
        let (mut promises, mut seen) = (Vec::new(), Table::default());
        for cap in payload.caps() {
            let Cap::Promise(promise) = *cap else { continue };
            let node = self.graph.find(promise);
            if promises.last() != Some(&node) && seen.insert(node.0.into(), 0) {
                promises.push(node);
            }
        }
        promises
    }

    fn first_failure(&mut self, promises: &[CapId]) -> Option<RpcError> {
        promises.iter().find_map(|&node| match self.graph.state(node) {
            State::Failed(error) => Some(error.clone()),
            State::Writable(_) | State::Readable(_) => {
                Some(RpcError::type_error("a stream cannot be awaited"))
            }
            _ => self.unanswerable(node),
        })
    }

    /// How many promises a delivery waits for, and the promise that waits for the delivery.
    pub(super) fn delivery(&self, id: u64) -> Option<(usize, Option<CapId>)> {
        let delivery = self.deliveries.get(id)?;
        let result = match delivery.to {
            Destination::Call { answer, .. } => Some(CapId(answer.0)),
            Destination::Pull(_) => None,
        };
        Some((delivery.missing, result))
    }

    /// A promise that a delivery waits for has settled.
    pub(super) fn delivery_progresses(&mut self, id: u64, node: CapId, turn: &mut Turn) {
        let is_failed = matches!(self.graph.state(node), State::Failed(_));
        let Some(delivery) = self.deliveries.get_mut(id) else { return };
        delivery.missing = delivery.missing.saturating_sub(1);
        if delivery.missing > 0 && !is_failed {
            return;
        }
        if let Some(Delivery { payload, to, .. }) = self.deliveries.remove(id) {
            let bytes = payload.weight() + to.name_bytes();
            self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
            self.deliver(payload, to, turn);
        }
    }

    fn complete_delivery(&mut self, payload: Payload<Cap>, to: Destination, turn: &mut Turn) {
        match to {
            Destination::Pull(pull) => turn.results.push_back((pull, Ok(payload))),
            Destination::Call { answer, node, target, name } => {
                let operation = Operation::Call(name, Arguments::Owned(payload));
                turn.calls.push_back(Call::new(answer, target, operation));
                self.release_cap(node, turn);
            }
        }
    }

    fn fail_delivery(&mut self, to: Destination, error: RpcError, turn: &mut Turn) {
        match to {
            Destination::Pull(pull) => turn.results.push_back((pull, Err(error))),
            Destination::Call { answer, node, .. } => {
                self.release_cap(node, turn);
                self.calls_in_flight = self.calls_in_flight.saturating_sub(1);
                let result = CapId(answer.0);
                self.settle_node(result, State::Failed(error));
                self.release_cap(result, turn);
            }
        }
    }
}
