//! Promises that wait for each other, and values that hold each other.
//!
//! A peer can make them: a call whose argument it resolves with the call's own result; a promise
//! that it resolves with an object in which the promise is. While the session is open they stay
//! and count: the ones as calls in flight, the others with their bytes. After its end nobody can
//! take them apart any more, so that is done here.

use super::Session;
use crate::RpcError;
use crate::proto::graph::{Action, State};
use crate::proto::ids::CapId;
use crate::proto::table::Table;
use crate::proto::turn::Turn;

/// The largest graph that is looked through after every input of a closed session. A larger one
/// is looked through once in as many inputs as it has nodes.
const SMALL_GRAPH_NODES: usize = 256;

impl Session {
    /// At the end of an input: breaks circles if the session has ended.
    #[inline(never)]
    pub(super) fn break_circles(&mut self, turn: &mut Turn) {
        let Some(error) = self.closed.clone() else { return };
        let nodes = self.graph.len();
        let is_due = nodes <= SMALL_GRAPH_NODES || self.inputs_to_sweep == 0;
        self.inputs_to_sweep = self.inputs_to_sweep.saturating_sub(1);
        if is_due && nodes > 0 {
            self.inputs_to_sweep = nodes as u32;
            self.fail_circles(&error);
            self.wake(turn);
            self.free_circles(turn);
        }
    }

    /// Fails every promise that no running call can settle.
    fn fail_circles(&mut self, error: &RpcError) {
        let within_reach = self.within_reach();
        let out_of_reach =
            |(node, _): (CapId, _)| Some(node).filter(|id| !within_reach.contains(id.0.into()));
        let doomed: Vec<CapId> = self.graph.pending().filter_map(out_of_reach).collect();
        for node in doomed {
            self.settle_node(node, State::Failed(error.clone()));
        }
    }

    /// Frees the values that nobody refers to but they themselves.
    fn free_circles(&mut self, turn: &mut Turn) {
        let mut freed = Vec::new();
        self.graph.sweep(&mut freed);
        self.settle_freed(&mut freed, turn);
    }

    /// The promises that settle if all running calls do.
    fn within_reach(&self) -> Table {
        let (mut missing, waiting) = (Table::default(), self.waiting_results());
        let all = self.graph.pending().map(|(node, _)| node);
        let mut queue: Vec<CapId> = all.filter(|node| !waiting.contains(node.0.into())).collect();
        let mut reached = Table::default();
        while let Some(node) = queue.pop() {
            let Some(waiters) = self.graph.pending_waiters(node) else { continue };
            if !reached.insert(node.0.into(), 0) {
                continue;
            }
            for waiter in waiters {
                queue.extend(self.next_settled(&waiter.action, &mut missing));
            }
        }
        reached
    }

    /// The promises that operations will settle which wait themselves. All others are settled by
    /// the caller.
    fn waiting_results(&self) -> Table {
        let waiters = self.graph.pending().flat_map(|(_, waiters)| waiters);
        let results = waiters.filter_map(|waiter| match waiter.action {
            Action::Deliver(id) => self.delivery(id).and_then(|(_, result)| result),
            _ => waiter.action.result(),
        });
        let mut table = Table::default();
        for result in results {
            table.insert(result.0.into(), 0);
        }
        table
    }

    /// The promise that settles once one more promise that an action waits for has.
    fn next_settled(&self, action: &Action, missing: &mut Table) -> Option<CapId> {
        let Action::Deliver(id) = *action else { return action.result() };
        let (count, result) = self.delivery(id)?;
        let left = missing.get(id).unwrap_or(count as u64).saturating_sub(1);
        missing.insert(id, left);
        result.filter(|_| left == 0)
    }
}
