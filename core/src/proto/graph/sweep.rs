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
        let dead = self.caps().zip(alive).filter_map(|(cap, is_alive)| (!is_alive).then_some(cap));
        let dead: Vec<CapId> = dead.collect();
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
        known.for_each(|cap| self.count_reference(&mut inner, cap));
        let mut ends = Ends::of_promises(self);
        let mut is_held = |&(cap, inner): &(CapId, u32)| {
            self.references(cap) > inner
                && match self.state(cap) {
                    State::Ready(value) => value.caps().any(|cap| counts(ends.end(cap.id()))),
                    State::Import(_) | State::Forward(_) => counts(ends.end(cap)),
                    _ => false,
                }
        };
        self.caps().zip(inner).filter(|held| is_held(held)).count()
    }

    /// By place.
    fn alive(&self) -> Vec<bool> {
        let mut alive = vec![false; self.len()];
        let nodes = self.caps().zip(self.inner_references());
        let roots = nodes.filter_map(|(cap, inner)| (self.references(cap) > inner).then_some(cap));
        let mut queue: Vec<CapId> = roots.collect();
        while let Some(cap) = queue.pop() {
            if let Some(mark @ false) = alive.get_mut(self.place(cap)) {
                *mark = true;
                self.held(cap, |held| queue.push(held));
            }
        }
        alive
    }

    /// By place, how many references values and forwards hold.
    fn inner_references(&self) -> Vec<u32> {
        self.step(self.len());
        let mut inner = vec![0; self.len()];
        for cap in self.caps() {
            self.held(cap, |held| self.count_reference(&mut inner, held));
        }
        inner
    }

    fn count_reference(&self, references: &mut [u32], cap: CapId) {
        if let Some(count) = references.get_mut(self.place(cap)) {
            *count = count.saturating_add(1);
        }
    }

    fn references(&self, cap: CapId) -> u32 {
        self.nodes.get(cap.0 as usize).map_or(0, |node| node.refs)
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
