use std::rc::Rc;

use super::{PromisedTarget, RawStub, RpcTarget};
use crate::proto::TargetId;
use crate::proto::table::Table;
use crate::slab::Slab;

/// A number that no target has.
pub(super) const NOBODY: TargetId = TargetId(u64::MAX);

/// The objects that a session has by number.
#[derive(Default)]
pub(super) struct Targets {
    entries: Slab<Entry>,
    /// The number of each target, by its address. An address is a target's own while the table
    /// keeps the target alive.
    numbers: Table,
    /// Those that may have changed since they were asked for their states, some more than once.
    /// `None` where that may be all.
    touched: Option<Vec<TargetId>>,
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
        Targets { entries: Slab::with_capacity(1), ..Targets::default() }
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
        self.touch(id);
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

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All numbers.
    pub(super) fn ids(&self) -> impl Iterator<Item = TargetId> {
        self.entries.iter().map(|(id, _)| TargetId(id))
    }

    /// A target has run code, comes or goes.
    #[inline]
    pub(super) fn touch(&mut self, id: TargetId) {
        if self.touched.is_some() {
            self.note_touch(id);
        }
    }

    #[cold]
    #[inline(never)]
    fn note_touch(&mut self, id: TargetId) {
        match &mut self.touched {
            Some(touched) if touched.len() <= self.entries.len() => touched.push(id),
            // To ask all of them costs no more.
            touched => *touched = None,
        }
    }

    /// As [`touch`](Self::touch), by the target itself.
    pub(super) fn touch_known(&mut self, target: &Rc<dyn RpcTarget>) {
        if let Some(id) = self.numbers.get(address(target)) {
            self.touch(TargetId(id));
        }
    }

    /// Any target may have changed.
    pub(super) fn touch_all(&mut self) {
        self.touched = None;
    }

    /// Those that were touched since this was last asked. `None` where that may be all.
    pub(super) fn take_touched(&mut self) -> Option<Vec<TargetId>> {
        self.touched.replace(Vec::new())
    }

    /// Takes an entry out. The caller drops it where user code may run.
    #[must_use]
    pub(super) fn remove(&mut self, id: TargetId) -> Option<Entry> {
        self.touch(id);
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
        self.touch_all();
        self.entries.drain()
    }
}

fn address(target: &Rc<dyn RpcTarget>) -> u64 {
    Rc::as_ptr(target).cast::<()>().addr() as u64
}
