//! The promise graph: nodes, who waits for them, and their reference counts. Only this module
//! changes a count.

mod state;
mod sweep;
mod wait;
mod walk;

pub(super) use state::{Import, Promised, State};
pub(super) use wait::{Action, Waiter, Waiters};
pub(super) use walk::Ends;

use std::num::NonZeroI64;

use super::ids::{Cap, CapId, ExportId, ImportId, TargetId};
use super::table::Table;
use crate::places::{Linked, Links, new_links, next_vacant, taken, vacate};
use crate::{Payload, RpcError};

#[derive(Debug)]
struct Node {
    refs: u32,
    links: Links,
    state: State,
    /// The stub export under which the peer knows this node: a negative id.
    export: Option<NonZeroI64>,
}

impl Linked for Node {
    fn links(&self) -> Links {
        self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }

    fn is_vacant(&self) -> bool {
        matches!(self.state, State::Vacant)
    }
}

/// What is left to do when nodes are gone.
#[derive(Debug)]
pub(super) enum Freed {
    Target(TargetId),
    Import(ImportId),
    Writable(u64),
    Readable(u64),
}

/// Nodes in reused slots.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    targets: Table,
    settled_bytes: usize,
    /// How many nodes there are.
    len: u32,
    /// How many of them are [`State::Pending`].
    pending: u32,
    /// How many are [`State::Promised`].
    promised: u32,
    doomed: Vec<CapId>,
    /// How much was walked, for tests of how it grows.
    #[cfg(test)]
    pub(super) steps: std::sync::atomic::AtomicU64,
}

/// The two main objects, and one result.
const FIRST_NODES: usize = 3;

impl Graph {
    pub(super) fn new() -> Self {
        Graph { nodes: Vec::with_capacity(FIRST_NODES), ..Graph::default() }
    }

    /// A new node with one reference.
    pub(super) fn insert(&mut self, state: State) -> CapId {
        self.count(&state);
        let vacant = next_vacant(&self.nodes, self.len);
        self.len += 1;
        if let Some(slot) = vacant
            && let Some(node) = self.nodes.get_mut(slot as usize)
        {
            (node.refs, node.state) = (1, state);
            return CapId(slot);
        }
        let (links, slot) = (new_links(&self.nodes), self.nodes.len() as u32);
        self.nodes.push(Node { refs: 1, links, state, export: None });
        CapId(slot)
    }

    /// The node of a target, with one more reference.
    pub(super) fn target(&mut self, target: TargetId) -> CapId {
        if let Some(known) = self.targets.get(target.0) {
            return self.retain(CapId(known as u32));
        }
        let cap = self.insert(State::Target(target));
        self.targets.insert(target.0, cap.0.into());
        cap
    }

    /// The node of a target becomes a failure.
    pub(super) fn break_target(&mut self, target: TargetId, error: RpcError) {
        if let Some(node) = self.targets.remove(target.0) {
            self.replace(CapId(node as u32), State::Failed(error));
        }
    }

    /// One more reference.
    pub(super) fn retain(&mut self, cap: CapId) -> CapId {
        if let Some(node) = self.nodes.get_mut(cap.0 as usize) {
            node.refs = node.refs.saturating_add(1);
        }
        cap
    }

    /// One more reference to a payload's capability.
    pub(super) fn retain_cap(&mut self, cap: &Cap) -> Cap {
        self.retain(cap.id());
        *cap
    }

    /// One reference fewer; what becomes unreachable is freed, without recursion.
    pub(super) fn release(&mut self, cap: CapId, freed: &mut Vec<Freed>) {
        let mut next = Some(cap);
        while let Some(cap) = next {
            if let Some(node) = self.nodes.get_mut(cap.0 as usize) {
                node.refs = node.refs.saturating_sub(1);
                if node.refs == 0 && !matches!(node.state, State::Vacant) {
                    let state = std::mem::replace(&mut node.state, State::Vacant);
                    node.export = None;
                    let links = node.links;
                    self.len -= 1;
                    vacate(&mut self.nodes, links, self.len);
                    self.dismantle(state, freed);
                }
            }
            next = self.doomed.pop();
        }
    }

    /// For how many items there is memory that only releases use.
    pub(super) fn scratch(&self) -> usize {
        self.doomed.capacity()
    }

    pub(super) fn trim(&mut self) {
        self.doomed = Vec::new();
    }

    /// One reference fewer, if it is not the last.
    #[inline]
    pub(super) fn release_shared(&mut self, cap: CapId) -> bool {
        match self.nodes.get_mut(cap.0 as usize) {
            Some(node) if node.refs > 1 => {
                node.refs -= 1;
                true
            }
            _ => false,
        }
    }

    fn dismantle(&mut self, state: State, freed: &mut Vec<Freed>) {
        self.uncount(&state);
        match state {
            State::Ready(payload) if payload.has_caps() => {
                // The last one is taken first: the releases go out in the order of the value.
                let first = self.doomed.len();
                self.doomed.extend(payload.caps().map(|cap| cap.id()));
                if let Some(caps) = self.doomed.get_mut(first..) {
                    caps.reverse();
                }
            }
            State::Forward(to) => self.doomed.push(to),
            State::Promised(promised) => self.doomed.push(promised.on),
            State::Target(target) => {
                self.targets.remove(target.0);
                freed.push(Freed::Target(target));
            }
            State::Import(import) => freed.push(Freed::Import(import.id)),
            State::Writable(pipe) => freed.push(Freed::Writable(pipe)),
            State::Readable(pipe) => freed.push(Freed::Readable(pipe)),
            State::Vacant | State::Ready(_) | State::Pending(_) | State::Failed(_) => {}
        }
    }

    /// Replaces a node's state; the old one is the caller's to take care of.
    #[inline(always)]
    pub(super) fn replace(&mut self, cap: CapId, state: State) -> State {
        self.count(&state);
        let old = match self.nodes.get_mut(cap.0 as usize) {
            Some(node) => std::mem::replace(&mut node.state, state),
            None => State::Vacant,
        };
        self.uncount(&old);
        old
    }

    fn count(&mut self, state: &State) {
        match state {
            State::Ready(payload) => {
                self.settled_bytes = self.settled_bytes.saturating_add(payload.weight());
            }
            State::Failed(error) => {
                self.settled_bytes = self.settled_bytes.saturating_add(error.text_bytes());
            }
            State::Pending(_) => self.pending += 1,
            State::Promised(_) => self.promised += 1,
            _ => {}
        }
    }

    fn uncount(&mut self, state: &State) {
        match state {
            State::Ready(payload) => {
                self.settled_bytes = self.settled_bytes.saturating_sub(payload.weight());
            }
            State::Failed(error) => {
                self.settled_bytes = self.settled_bytes.saturating_sub(error.text_bytes());
            }
            State::Pending(_) => self.pending = self.pending.saturating_sub(1),
            State::Promised(_) => self.promised = self.promised.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether a target has a node.
    pub(super) fn holds(&self, target: TargetId) -> bool {
        self.targets.contains(target.0)
    }

    /// The text of a node's value, if there are no capabilities in it.
    pub(super) fn plain_text(&self, cap: CapId) -> Option<&str> {
        self.value(cap).filter(|value| !value.has_caps()).map(Payload::text)
    }

    /// A node's value.
    pub(super) fn value(&self, cap: CapId) -> Option<&Payload<Cap>> {
        match self.state(cap) {
            State::Ready(payload) => Some(payload),
            _ => None,
        }
    }

    /// Takes a node's value out for a moment, to be given back by
    /// [`put_value`](Self::put_value).
    pub(super) fn take_value(&mut self, cap: CapId) -> Option<Payload<Cap>> {
        match self.state_mut(cap) {
            Some(State::Ready(payload)) => Some(std::mem::replace(payload, Payload::empty())),
            _ => None,
        }
    }

    pub(super) fn put_value(&mut self, cap: CapId, payload: Payload<Cap>) {
        if let Some(State::Ready(place)) = self.state_mut(cap) {
            *place = payload;
        }
    }

    /// Whether a node will still become something else.
    pub(super) fn is_open(&self, cap: CapId) -> bool {
        matches!(self.state(cap), State::Pending(_) | State::Promised(_) | State::Import(_))
    }

    /// Those who wait for an open node.
    pub(super) fn waiters_mut(&mut self, cap: CapId) -> Option<&mut Waiters> {
        match self.state_mut(cap)? {
            State::Pending(waiters) => Some(waiters),
            State::Promised(promised) => Some(&mut promised.waiters),
            State::Import(import) => Some(&mut import.waiters),
            _ => None,
        }
    }

    /// Takes those who wait for what an open node becomes in the end.
    pub(super) fn take_followers(&mut self, cap: CapId) -> Waiters {
        self.waiters_mut(cap).map(Waiters::take_others).unwrap_or_default()
    }

    pub(super) fn state(&self, cap: CapId) -> &State {
        self.nodes.get(cap.0 as usize).map_or(&State::Vacant, |node| &node.state)
    }

    pub(super) fn state_mut(&mut self, cap: CapId) -> Option<&mut State> {
        self.nodes.get_mut(cap.0 as usize).map(|node| &mut node.state)
    }

    /// Whether there is one reference to a node.
    pub(super) fn is_unshared(&self, cap: CapId) -> bool {
        self.nodes.get(cap.0 as usize).is_some_and(|node| node.refs == 1)
    }

    pub(super) fn export(&self, cap: CapId) -> Option<ExportId> {
        self.nodes.get(cap.0 as usize)?.export.map(|id| ExportId(id.get()))
    }

    pub(super) fn set_export(&mut self, cap: CapId, export: Option<ExportId>) {
        if let Some(node) = self.nodes.get_mut(cap.0 as usize) {
            node.export = export.and_then(|id| NonZeroI64::new(id.0));
        }
    }

    /// The nodes that something of this side will settle, with their waiters.
    pub(super) fn pending(&self) -> impl Iterator<Item = (CapId, &[Waiter])> {
        let pending = self.caps().filter_map(|cap| {
            self.step(1);
            Some((cap, self.pending_waiters(cap)?))
        });
        // An idle session is not walked.
        pending.take((self.pending + self.promised) as usize)
    }

    /// Those who wait for a node that something of this side will settle.
    pub(super) fn pending_waiters(&self, cap: CapId) -> Option<&[Waiter]> {
        match self.state(cap) {
            State::Pending(waiters) => Some(&waiters.all),
            State::Promised(promised) => Some(&promised.waiters.all),
            _ => None,
        }
    }

    /// The target that takes the calls on a node, and its node.
    pub(super) fn callee(&self, cap: CapId) -> Option<(CapId, TargetId)> {
        match self.state(cap) {
            State::Target(target) => Some((cap, *target)),
            State::Promised(promised) => match self.state(promised.on) {
                State::Target(target) => Some((promised.on, *target)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether there are promises of the caller's that take calls.
    pub(super) fn has_promised(&self) -> bool {
        self.promised > 0
    }

    /// Bytes of all values and errors in the graph.
    pub(super) fn settled_bytes(&self) -> usize {
        self.settled_bytes
    }

    /// Counts work in tests: hops along forwards, waiters that are moved or woken, and slots that are
    /// walked.
    pub(super) fn step(&self, _count: usize) {
        #[cfg(test)]
        self.steps.fetch_add(_count as u64, std::sync::atomic::Ordering::Relaxed);
    }

    /// All nodes, by place.
    pub(super) fn caps(&self) -> impl Iterator<Item = CapId> {
        taken(&self.nodes, self.len()).map(CapId)
    }

    /// Where a node stands among all: below their number. What is none stands behind them.
    pub(super) fn place(&self, cap: CapId) -> usize {
        self.nodes.get(cap.0 as usize).map_or(self.nodes.len(), |node| node.links.place())
    }

    /// The number of nodes.
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }
}
