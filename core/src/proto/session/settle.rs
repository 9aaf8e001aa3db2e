//! Settling nodes, and waking who waits for them in the order of arrival.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Session;
use crate::proto::MAX_SCRATCH;
use crate::proto::graph::{Action, State, Waiter, Waiters};
use crate::proto::ids::{Cap, CapId, WatchId};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

/// A waiter whose node has settled. Holds a reference to the node.
#[derive(Debug)]
pub(super) struct Woken {
    node: CapId,
    waiter: Waiter,
}

impl Ord for Woken {
    /// The earliest is the greatest, which a heap gives first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.waiter.order.cmp(&self.waiter.order)
    }
}

impl PartialOrd for Woken {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Woken {
    fn eq(&self, other: &Self) -> bool {
        self.waiter.order == other.waiter.order
    }
}

impl Eq for Woken {}

impl Session {
    /// The node of a value: the promise itself where the value is one.
    pub(super) fn value_node(&mut self, payload: Payload<Cap>) -> CapId {
        match payload.as_cap() {
            Some(&Cap::Promise(promise)) => promise,
            _ => {
                let state = self.fit(payload);
                self.graph.insert(state)
            }
        }
    }

    /// Resolves a pending node or an import with a value.
    pub(super) fn resolve_node(&mut self, node: CapId, payload: Payload<Cap>, turn: &mut Turn) {
        match payload.as_cap() {
            Some(&Cap::Promise(promise)) => self.forward_node(node, promise, turn),
            Some(&Cap::Stub(stub)) if self.graph.leads_to(stub, node) => {
                self.settle_node(node, State::Failed(circle()));
                self.release_cap(stub, turn);
            }
            _ => {
                let state = self.fit(payload);
                self.settle_node(node, state);
            }
        }
    }

    /// Lets a pending node stand for another one, whose reference it takes over.
    pub(super) fn forward_node(&mut self, node: CapId, to: CapId, turn: &mut Turn) {
        if self.graph.leads_to(to, node) {
            self.settle_node(node, State::Failed(circle()));
            self.release_cap(to, turn);
            return;
        }
        let end = self.graph.find(to);
        let followers = self.take_followers(node, end);
        self.settle_node(node, State::Forward(to));
        self.follow(end, followers, turn);
    }

    /// Takes those who wait for `node` and have nothing to do when it comes to stand for `end`.
    fn take_followers(&mut self, node: CapId, end: CapId) -> Waiters {
        match self.graph.state(end) {
            State::Pending(_) => {
                self.graph.waiters_mut(node).map(std::mem::take).unwrap_or_default()
            }
            // Operations never wait for what takes calls: they are made on it, or sent to it.
            State::Promised(_) => self.graph.take_followers(node),
            State::Import(import) if import.is_promise && self.unanswerable(end).is_none() => {
                self.graph.take_followers(node)
            }
            _ => Waiters::default(),
        }
    }

    /// Has those wait for `end` who have waited for what stands for it.
    pub(super) fn follow(&mut self, end: CapId, mut followers: Waiters, turn: &mut Turn) {
        if followers.is_wanted && !followers.all.is_empty() {
            self.want(end, turn);
        }
        let Some(waiters) = self.graph.waiters_mut(end) else { return };
        // The shorter list moves, so that a long chain of promises costs no more than it has waiters.
        if waiters.all.len() < followers.all.len() {
            std::mem::swap(waiters, &mut followers);
            waiters.is_wanted |= followers.is_wanted;
        }
        self.graph.step(followers.all.len());
        for waiter in followers.all {
            self.attach(end, waiter);
        }
    }

    /// Puts an end to a pending node or an import, and wakes its waiters. Nodes that are settled
    /// stay as they are.
    pub(super) fn settle_node(&mut self, node: CapId, state: State) {
        if !self.graph.is_open(node) {
            match state {
                State::Ready(payload) => self.release_later(&payload),
                State::Forward(to) => self.leftovers.push(to),
                _ => {}
            }
            return;
        }
        let state = match state {
            State::Failed(error) => State::Failed(self.fit_error(error)),
            state => state,
        };
        let waiters = match self.graph.replace(node, state) {
            State::Pending(waiters) => waiters,
            State::Import(import) => import.waiters,
            State::Promised(promised) => {
                self.leftovers.push(promised.on);
                promised.waiters
            }
            _ => return,
        };
        for waiter in waiters.all {
            self.graph.retain(node);
            self.woken.push(Woken { node, waiter });
        }
    }

    /// Ends an input: runs what has become possible, in the order in which it was asked for.
    pub(super) fn run_woken(&mut self, turn: &mut Turn) {
        if !self.woken.is_empty() || !self.leftovers.is_empty() || !self.started_pumps.is_empty() {
            self.wake(turn);
        }
        if std::mem::take(&mut self.is_overfull) {
            let limit = self.limits.max_live_exports;
            self.abort_with(&refusal::range_error("more than ", &limit, " exports"), turn);
            self.wake(turn);
        }
        if self.closed.is_some() {
            self.break_circles(turn);
        }
        self.copied_bytes = 0;
        self.map_steps = 0;
    }

    /// Behind what may have freed or woken many: most sessions are idle ones, which are not to hold what
    /// that took.
    #[inline]
    pub(super) fn trim_scratch(&mut self) {
        let woken = self.woken.capacity().max(self.leftovers.capacity());
        if woken.max(self.freed.capacity()).max(self.graph.scratch()) > MAX_SCRATCH {
            self.trim();
        }
    }

    #[cold]
    fn trim(&mut self) {
        // A message that releases may have left something, which is dealt with behind it.
        if self.leftovers.is_empty() && self.woken.is_empty() {
            self.leftovers = Vec::new();
            self.woken = BinaryHeap::new();
        }
        self.freed = Vec::new();
        self.graph.trim();
    }

    #[inline(never)]
    pub(super) fn wake(&mut self, turn: &mut Turn) {
        loop {
            while let Some(Woken { node, waiter }) = self.woken.pop() {
                self.act(node, waiter, turn);
                self.release_cap(node, turn);
            }
            // Behind the message that has started them.
            if let Some(key) = self.started_pumps.pop_front() {
                self.advance_pipe(key, turn);
                continue;
            }
            // The end of a stream wakes those who wait for it.
            let Some(cap) = self.leftovers.pop() else { break };
            self.release_cap(cap, turn);
        }
        self.trim_scratch();
    }

    /// Waits for a node with a new place in the order of arrival.
    pub(super) fn wait(&mut self, node: CapId, action: Action) {
        self.last_order += 1;
        self.queued_bytes = self.queued_bytes.saturating_add(action.queued_bytes());
        self.attach(node, Waiter { order: self.last_order, action });
    }

    fn attach(&mut self, node: CapId, waiter: Waiter) {
        let Some(waiters) = self.graph.waiters_mut(node) else { return };
        if waiters.all.len() < waiters.all.capacity() {
            return waiters.push(waiter);
        }
        // Otherwise a peer could have more and more wait that it lets go of at once.
        let (exports, deliveries) = (&self.exports, &self.deliveries);
        let walked = waiters.all.len();
        waiters.all.retain(|waiter| match waiter.action {
            Action::Resolve(id) => exports.get(&id).is_some(),
            Action::Deliver(id) => deliveries.get(id).is_some(),
            _ => true,
        });
        // They are looked through again once as many have come as are left.
        waiters.all.reserve(waiters.all.len());
        waiters.push(waiter);
        self.graph.step(walked);
    }

    fn act(&mut self, node: CapId, waiter: Waiter, turn: &mut Turn) {
        self.graph.step(1);
        let end = self.graph.find(node);
        self.queued_bytes = self.queued_bytes.saturating_sub(waiter.action.queued_bytes());
        if waiter.action.result().is_some() {
            self.calls_in_flight = self.calls_in_flight.saturating_sub(1);
        }
        match waiter.action {
            Action::Call { result, path, arguments } => {
                let called = self.dispatch_owned(end, &path, Some(arguments), turn);
                self.finish_operation(result, called, turn);
            }
            Action::Get { result, path } => {
                let got = self.dispatch_owned(end, &path, None, turn);
                self.finish_operation(result, got, turn);
            }
            Action::Map { result, path, captures, instructions } => {
                let mapped = self.map_owned(end, &path, captures, instructions, turn);
                self.finish_operation(result, mapped, turn);
            }
            Action::Deliver(delivery) => self.delivery_progresses(delivery, end, turn),
            Action::Resolve(export) => self.send_resolution(export, turn),
            Action::Watch(watch) => self.watch_node(end, watch, turn),
            Action::Answer { pump, sent, node } => self.pump_is_answered(pump, sent, node, turn),
        }
    }

    #[inline(never)]
    fn finish_operation(&mut self, result: CapId, outcome: CapId, turn: &mut Turn) {
        self.forward_node(result, outcome, turn);
        self.release_cap(result, turn);
    }

    /// Watches what a capability stands for now.
    #[inline(never)]
    pub(super) fn watch_node(&mut self, on: CapId, watch: WatchId, turn: &mut Turn) {
        let end = self.graph.find_stub(on);
        match self.graph.state(end) {
            State::Failed(error) => turn.broken.push((watch, error.clone())),
            State::Target(target) => turn.watched.push((watch, *target)),
            &State::Writable(pipe) => self.watch_pipe(pipe, watch, turn),
            _ if self.graph.is_open(end) => self.wait(end, Action::Watch(watch)),
            _ => {}
        }
    }

    /// The state of a value. One that would exceed the bytes which the session may hold is
    /// refused.
    fn fit(&mut self, payload: Payload<Cap>) -> State {
        match self.room_to_wait(payload.weight()) {
            Ok(()) => State::Ready(payload),
            Err(error) => {
                self.release_later(&payload);
                State::Failed(error)
            }
        }
    }
}

fn circle() -> RpcError {
    RpcError::type_error("a promise was resolved with itself")
}
