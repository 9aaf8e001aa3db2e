//! The list of slots, those of nodes before the vacant ones. What walks the nodes does not walk what was
//! released, wherever the peer keeps one.

use super::{Graph, Node, State};
use crate::proto::ids::CapId;

impl Graph {
    /// All nodes, by place.
    pub(in crate::proto) fn caps(&self) -> impl Iterator<Item = CapId> {
        self.nodes.iter().take(self.len()).map(|node| CapId(node.slot))
    }

    /// Where a node stands among all: below their number. What is none stands behind them.
    pub(in crate::proto) fn place(&self, cap: CapId) -> usize {
        self.nodes.get(cap.0 as usize).map_or(self.nodes.len(), |node| node.place as usize)
    }

    /// Swaps two places of the list of slots.
    pub(super) fn swap(&mut self, place: u32, other: u32) {
        let Ok([one, two]) = self.nodes.get_disjoint_mut([place as usize, other as usize]) else {
            return;
        };
        std::mem::swap(&mut one.slot, &mut two.slot);
        let slots = [one.slot as usize, two.slot as usize];
        if let Ok([one, two]) = self.nodes.get_disjoint_mut(slots) {
            (one.place, two.place) = (place, other);
        }
    }

    /// Takes the vacant slots off the end, and gives back memory that is mostly unused. Each costs once.
    #[cold]
    #[inline(never)]
    pub(super) fn give_back(&mut self) {
        while let Some(&Node { place, state: State::Vacant, .. }) = self.nodes.last() {
            self.swap(place, self.nodes.len() as u32 - 1);
            // It holds nothing, and needs no code that would drop what could stand there.
            std::mem::forget(self.nodes.pop());
        }
        let len = self.nodes.len();
        if len < self.nodes.capacity() / 4 {
            self.nodes.shrink_to(2 * len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CapId, Graph, State};
    use crate::Payload;

    /// Random operations: each node stands at its place, and every place below their number is one's.
    #[test]
    fn every_node_has_a_place() {
        let (mut graph, mut live, mut random) = (Graph::new(), Vec::new(), 1_u64);
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // It grows, and shrinks again.
            let grows = if step % 4_000 < 2_000 { 3 } else { 1 };
            if random >> 60 & 3 < grows || live.is_empty() {
                live.push(graph.insert(State::Ready(Payload::default())));
            } else {
                let cap = live.swap_remove((random >> 33) as usize % live.len());
                graph.release(cap, &mut Vec::new());
                assert!(graph.place(cap) >= graph.len());
            }
            let places: Vec<CapId> = graph.caps().collect();
            assert_eq!((graph.len(), places.len()), (live.len(), live.len()));
            assert!(live.iter().all(|&cap| places[graph.place(cap)] == cap), "step {step}");
        }
    }
}
