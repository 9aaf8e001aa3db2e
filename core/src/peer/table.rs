use std::rc::Rc;

use super::{PromisedTarget, RawStub, RpcTarget};
use crate::proto::TargetId;
use crate::proto::table::Table;
use crate::slab::Slab;

/// The objects that a session has by number.
#[derive(Default)]
pub(super) struct Targets {
    entries: Slab<Entry>,
    /// The number of each target, by its address. An address is a target's own while the table
    /// keeps the target alive.
    numbers: Table,
}

/// What stands behind a number.
#[derive(Clone)]
pub(super) enum Entry {
    /// An object of the application.
    Target(Rc<dyn RpcTarget>),
    /// A promise of the application that takes calls.
    Promised(Rc<dyn PromisedTarget>),
    /// A stub or promise of another session, to which everything is forwarded.
    Forward(RawStub),
}

impl Targets {
    /// With memory for a main object and no more.
    pub(super) fn for_main() -> Self {
        Targets { entries: Slab::with_capacity(1), numbers: Table::default() }
    }

    pub(super) fn get(&self, id: TargetId) -> Option<&Entry> {
        self.entries.get(id.0)
    }

    /// The number of a target.
    pub(super) fn intern(&mut self, target: Rc<dyn RpcTarget>) -> TargetId {
        let address = address(&target);
        if let Some(id) = self.numbers.get(address) {
            return TargetId(id);
        }
        let id = TargetId(self.entries.insert(Entry::Target(target)));
        self.numbers.insert(address, id.0);
        id
    }

    /// A number for something that is not looked for again.
    pub(super) fn insert(&mut self, entry: Entry) -> TargetId {
        TargetId(self.entries.insert(entry))
    }

    /// A target takes the place of what stood for it.
    pub(super) fn replace(&mut self, id: TargetId, target: Rc<dyn RpcTarget>) {
        self.numbers.insert(address(&target), id.0);
        if let Some(entry) = self.entries.get_mut(id.0) {
            *entry = Entry::Target(target);
        }
    }

    /// All targets.
    pub(super) fn all(&self) -> Vec<(TargetId, Rc<dyn RpcTarget>)> {
        let targets = self.entries.iter().filter_map(|(id, entry)| match entry {
            Entry::Target(target) => Some((TargetId(id), Rc::clone(target))),
            Entry::Promised(_) | Entry::Forward(_) => None,
        });
        targets.collect()
    }

    /// Takes an entry out. The caller drops it where user code may run.
    #[must_use]
    pub(super) fn remove(&mut self, id: TargetId) -> Option<Entry> {
        let entry = self.entries.remove(id.0)?;
        if let Entry::Target(target) = &entry
            && self.numbers.get(address(target)) == Some(id.0)
        {
            self.numbers.remove(address(target));
        }
        Some(entry)
    }

    /// Takes all entries out. The caller drops them where user code may run.
    pub(super) fn drain(&mut self) -> Vec<Entry> {
        self.numbers.clear();
        self.entries.drain()
    }
}

fn address(target: &Rc<dyn RpcTarget>) -> u64 {
    Rc::as_ptr(target).cast::<()>().addr() as u64
}
