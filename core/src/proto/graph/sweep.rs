use super::walk::Ends;
use super::{Freed, Graph, State, Waiters};
use crate::proto::ids::CapId;

impl Graph {
    /// Frees the nodes that only refer to each other: a value that holds, somewhere, the promise
    /// it is the value of. Counting references never finds them.
    ///
    /// A node is alive if somebody outside of values and forwards refers to it (then it has more
    /// references than those hold), or an alive node does.
    pub(in crate::proto) fn sweep(&mut self, freed: &mut Vec<Freed>) {
        let alive = self.alive();
        let all = (0..self.nodes.len() as u32).map(CapId);
        let is_dead = |&cap: &CapId| {
            !matches!(self.state(cap), State::Vacant) && alive.get(cap.0 as usize) == Some(&false)
        };
        let dead: Vec<CapId> = all.filter(is_dead).collect();
        // One reference more for each, so that none is freed while another still refers to it.
        for &cap in &dead {
            self.retain(cap);
        }
        for &cap in &dead {
            let mut held = Vec::new();
            self.held(cap, |cap| held.push(cap));
            if !held.is_empty() {
                self.replace(cap, State::Pending(Waiters::default()));
            }
            for held in held {
                self.release(held, freed);
            }
        }
        for cap in dead {
            self.release(cap, freed);
        }
    }

    /// How many nodes that lead to what `counts` accepts are referred to by more than values,
    /// forwards and `known`.
    pub(in crate::proto) fn held_by_others(
        &self,
        known: impl Iterator<Item = CapId>,
        counts: impl Fn(CapId) -> bool,
    ) -> usize {
        let mut inner = self.inner_references();
        known.for_each(|cap| count(&mut inner, cap));
        let mut ends = Ends::of_promises(self);
        let mut is_held = |&(cap, node, inner): &(CapId, &super::Node, u32)| {
            node.refs > inner
                && match &node.state {
                    State::Ready(value) => value.caps().any(|cap| counts(ends.end(cap.id()))),
                    State::Import(_) | State::Forward(_) => counts(ends.end(cap)),
                    _ => false,
                }
        };
        let nodes = (0..).map(CapId).zip(&self.nodes).zip(inner);
        nodes.map(|((cap, node), inner)| (cap, node, inner)).filter(|held| is_held(held)).count()
    }

    /// By slot.
    fn alive(&self) -> Vec<bool> {
        let inner = self.inner_references();
        let mut alive = vec![false; self.nodes.len()];
        let is_root = |(node, &inner): (&super::Node, &u32)| node.refs > inner;
        let roots = self.nodes.iter().zip(&inner).map(is_root);
        let mut queue: Vec<CapId> =
            (0..).map(CapId).zip(roots).filter_map(|(cap, root)| root.then_some(cap)).collect();
        while let Some(cap) = queue.pop() {
            if let Some(mark @ false) = alive.get_mut(cap.0 as usize) {
                *mark = true;
                self.held(cap, |held| queue.push(held));
            }
        }
        alive
    }

    /// By slot, how many references values and forwards hold.
    fn inner_references(&self) -> Vec<u32> {
        self.step(self.nodes.len());
        let mut inner = vec![0; self.nodes.len()];
        self.all_held(|cap| count(&mut inner, cap));
        inner
    }

    fn all_held(&self, mut each: impl FnMut(CapId)) {
        for cap in (0..self.nodes.len() as u32).map(CapId) {
            self.held(cap, &mut each);
        }
    }

    /// The references of a node's value or forward.
    fn held(&self, cap: CapId, mut each: impl FnMut(CapId)) {
        match self.state(cap) {
            State::Ready(payload) => payload.caps().for_each(|cap| each(cap.id())),
            State::Forward(to) => each(*to),
            _ => {}
        }
    }
}

fn count(references: &mut [u32], cap: CapId) {
    if let Some(count) = references.get_mut(cap.0 as usize) {
        *count = count.saturating_add(1);
    }
}
