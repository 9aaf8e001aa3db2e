//! Who waits for a node, and for what.

use crate::Payload;
use crate::proto::ids::{Cap, CapId, ExportId, WatchId};
use crate::proto::path::Path;
use crate::proto::pipe::Sent;

/// Those who wait for a node, in no order: it is in themselves.
#[derive(Debug, Default)]
pub(in crate::proto) struct Waiters {
    /// The operations stand last.
    pub(in crate::proto) all: Vec<Waiter>,
    operations: u32,
    /// Somebody wants to know what the node becomes in the end.
    pub(in crate::proto) is_wanted: bool,
}

impl Waiters {
    pub(in crate::proto) fn push(&mut self, waiter: Waiter) {
        let is_operation = waiter.action.result().is_some();
        self.all.push(waiter);
        if is_operation {
            self.operations += 1;
        } else if self.operations > 0 {
            let (first, last) = (self.first_operation() - 1, self.all.len() - 1);
            self.all.swap(first, last);
        }
    }

    /// Takes all but the operations.
    pub(in crate::proto) fn take_others(&mut self) -> Waiters {
        let mut others = std::mem::take(self);
        for _ in 0..std::mem::take(&mut others.operations) {
            others.all.pop().into_iter().for_each(|operation| self.push(operation));
        }
        others
    }

    fn first_operation(&self) -> usize {
        self.all.len().saturating_sub(self.operations as usize)
    }
}

/// Somebody who waits for a node, with the place in the order of arrival.
#[derive(Debug)]
pub(in crate::proto) struct Waiter {
    pub(in crate::proto) order: u64,
    pub(in crate::proto) action: Action,
}

/// What is done once a node settles. `result` is a pending node with the waiter's reference.
#[derive(Debug)]
pub(in crate::proto) enum Action {
    Call {
        result: CapId,
        path: Path,
        arguments: Payload<Cap>,
    },
    Get {
        result: CapId,
        path: Path,
    },
    Map {
        result: CapId,
        path: Path,
        captures: Vec<CapId>,
        instructions: String,
    },
    /// A payload waits for the promises in it.
    Deliver(u64),
    /// The peer waits for this export.
    Resolve(ExportId),
    Watch(WatchId),
    /// A pump waits for the answer to a message. It has the reference to the node.
    Answer {
        pump: u64,
        sent: Sent,
        node: CapId,
    },
}

impl Action {
    /// The promise that the action settles.
    pub(in crate::proto) fn result(&self) -> Option<CapId> {
        match *self {
            Action::Call { result, .. }
            | Action::Get { result, .. }
            | Action::Map { result, .. } => Some(result),
            Action::Deliver(_) | Action::Resolve(_) | Action::Watch(_) | Action::Answer { .. } => {
                None
            }
        }
    }

    /// How many bytes of the peer's wait here.
    pub(in crate::proto) fn queued_bytes(&self) -> usize {
        match self {
            Action::Call { path, arguments, .. } => path.as_text().len() + arguments.weight(),
            Action::Get { path, .. } => path.as_text().len(),
            Action::Map { path, instructions, .. } => path.as_text().len() + instructions.len(),
            Action::Deliver(_) | Action::Resolve(_) | Action::Watch(_) | Action::Answer { .. } => 0,
        }
    }
}
