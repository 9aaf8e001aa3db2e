//! The export table: what the peer may refer to.

use super::Session;
use crate::Payload;
use crate::order::in_order;
use crate::payload::write_reference;
use crate::proto::abort::Abort;
use crate::proto::graph::State;
use crate::proto::ids::{Cap, CapId, ExportId, ImportId, TargetId};
use crate::proto::table::Table;
use crate::proto::turn::Turn;
use crate::slab::Slab;
use crate::{RpcError, refusal};

/// An entry of the export table. Holds a reference to its node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Export {
    pub(super) node: CapId,
    /// How often the peer has been given it and has not released it.
    pub(super) refs: u64,
    pub(super) kind: Kind,
    pub(super) pull: Pull,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Main,
    Result,
    /// The result of a `stream` message, which its answer releases.
    Streamed,
    /// The writable end of a pipe that the peer has made.
    Pipe,
    Stub,
    Promise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pull {
    No,
    Waiting,
    Done,
}

/// The export table.
#[derive(Debug, Default)]
pub(super) struct Exports {
    keys: Table,
    entries: Slab<(ExportId, Export)>,
}

/// The main object, and one result.
const FIRST_EXPORTS: usize = 2;

impl Exports {
    pub(super) fn new() -> Self {
        Exports { keys: Table::default(), entries: Slab::with_capacity(FIRST_EXPORTS) }
    }

    pub(super) fn get(&self, id: &ExportId) -> Option<&Export> {
        self.entries.get(self.keys.get(id.0 as u64)?).map(|(_, export)| export)
    }

    pub(super) fn get_mut(&mut self, id: &ExportId) -> Option<&mut Export> {
        self.entries.get_mut(self.keys.get(id.0 as u64)?).map(|(_, export)| export)
    }

    /// The id is a new one.
    pub(super) fn insert(&mut self, id: ExportId, export: Export) {
        let key = self.entries.insert((id, export));
        self.keys.insert(id.0 as u64, key);
    }

    fn remove(&mut self, id: &ExportId) -> Option<Export> {
        let (_, export) = self.entries.remove(self.keys.remove(id.0 as u64)?)?;
        if self.entries.is_sparse() {
            self.compact();
        }
        Some(export)
    }

    /// Whoever has released most of many results is not walked for them.
    #[cold]
    fn compact(&mut self) {
        for (id, export) in self.entries.drain() {
            self.insert(id, export);
        }
    }

    /// Mostly in the order in which they were entered.
    pub(super) fn ids(&self) -> impl Iterator<Item = ExportId> {
        self.entries.in_place().map(|(_, (id, _))| *id)
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many places a walk looks at.
    #[cfg(test)]
    pub(super) fn walked(&self) -> usize {
        self.entries.places()
    }

    /// All entries, in the order in which their ids were first used.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (ExportId, Export)> {
        let keys = self.entries.in_place().map(|(key, (id, _))| (id.place(), key as i64));
        in_order(keys).filter_map(|(_, key)| self.entries.get(key as u64).copied())
    }
}

impl Export {
    pub(super) fn node(&self) -> CapId {
        self.node
    }
}

impl Session {
    pub(super) fn export_main(&mut self, main: Option<TargetId>) {
        let node = match main {
            Some(target) => self.graph.target(target),
            None => self.no_main(),
        };
        let export = Export { node, refs: 1, kind: Kind::Main, pull: Pull::No };
        self.exports.insert(ExportId(0), export);
    }

    /// What stands for the main object where there is none.
    pub(super) fn no_main(&mut self) -> CapId {
        self.broken(RpcError::error("This connection has no main object."))
    }

    /// Enters the result of a push or what else has a number of the peer's. Takes over the
    /// reference.
    pub(super) fn add_result(&mut self, node: CapId, kind: Kind) -> Result<(), Abort> {
        if self.unreleased_results >= self.limits.max_unreleased_results {
            let limit = self.limits.max_unreleased_results;
            self.leftovers.push(node);
            return Err(refusal::range_error("more than ", &limit, " unreleased results").into());
        }
        self.last_push += 1;
        self.unreleased_results += 1;
        let export = Export { node, refs: 1, kind, pull: Pull::No };
        self.exports.insert(ExportId(self.last_push), export);
        Ok(())
    }

    /// Writes a payload as an expression for the peer. `pipes` are those that
    /// [`open_pipes`](Self::open_pipes) has made for it. The promises exported by it are to be
    /// handed to [`exported`](Self::exported) once the message is complete.
    pub(super) fn write_payload(
        &mut self,
        out: &mut String,
        payload: &Payload<Cap>,
        pipes: &[ImportId],
        promises: &mut Vec<ExportId>,
    ) {
        let mut pipes = pipes.iter();
        for (piece, cap) in payload.pieces() {
            out.push_str(piece);
            match cap {
                None => {}
                Some(&Cap::Stub(stub)) => self.write_stub(out, stub),
                Some(&Cap::Promise(promise)) => self.write_promise(out, promise, promises),
                Some(&Cap::Writable(writable)) => {
                    let node = self.graph.find(writable);
                    let id = self.add_export(node, Kind::Stub);
                    write_reference(out, "writable", id.0);
                }
                Some(Cap::Readable(_)) => {
                    let pipe = pipes.next().map_or(0, |id| id.0);
                    write_reference(out, "readable", pipe);
                }
            }
        }
    }

    /// Writes what the peer is to see as a stub.
    pub(super) fn write_stub(&mut self, out: &mut String, stub: CapId) {
        let node = self.graph.find_stub(stub);
        if let State::Import(import) = self.graph.state(node) {
            return write_reference(out, "import", import.id.0);
        }
        let known = self.graph.export(node);
        let id = match known.and_then(|id| Some((id, self.exports.get_mut(&id)?))) {
            Some((id, export)) => {
                export.refs = export.refs.saturating_add(1);
                id
            }
            None => self.add_export(node, Kind::Stub),
        };
        self.graph.set_export(node, Some(id));
        write_reference(out, "export", id.0);
    }

    fn write_promise(&mut self, out: &mut String, promise: CapId, promises: &mut Vec<ExportId>) {
        let node = self.graph.find(promise);
        match self.graph.state(node) {
            State::Import(import) => write_reference(out, "pipeline", import.id.0),
            State::Target(_) => self.write_stub(out, node),
            _ => {
                let id = self.add_export(node, Kind::Promise);
                promises.push(id);
                write_reference(out, "promise", id.0);
            }
        }
    }

    fn add_export(&mut self, node: CapId, kind: Kind) -> ExportId {
        self.last_export -= 1;
        let id = ExportId(self.last_export);
        let node = self.graph.retain(node);
        self.exports.insert(id, Export { node, refs: 1, kind, pull: Pull::No });
        id
    }

    /// Behind a message with exports: the peer gets the values of the promises unasked.
    pub(super) fn exported(&mut self, promises: Vec<ExportId>, turn: &mut Turn) {
        for id in promises {
            if let Some(export) = self.exports.get_mut(&id) {
                export.pull = Pull::Waiting;
                self.pending_pulls += 1;
                self.send_resolution(id, turn);
            }
        }
        let limit = self.limits.max_live_exports;
        if self.exports.len() - self.unreleased_results > limit {
            // Later: the message at hand is not dealt with yet.
            self.is_overfull = true;
        }
    }

    /// The peer has released an export `count` times.
    pub(super) fn release_export(
        &mut self,
        id: ExportId,
        count: u64,
        turn: &mut Turn,
    ) -> Result<(), Abort> {
        let Some(export) = self.exports.get_mut(&id) else { return Err(no_such_export(id)) };
        let Some(refs) = export.refs.checked_sub(count) else {
            let refs = export.refs;
            return Err(Abort::new(format!("refcount would go negative: {refs} < {count}")));
        };
        export.refs = refs;
        if refs == 0 {
            self.remove_export(id, turn);
            self.trim_scratch();
        }
        Ok(())
    }

    pub(super) fn remove_export(&mut self, id: ExportId, turn: &mut Turn) {
        if let Some(export) = self.exports.remove(&id) {
            self.end_export(id, export, turn);
        }
    }

    /// What follows from the removal of an export.
    pub(super) fn end_export(&mut self, id: ExportId, export: Export, turn: &mut Turn) {
        if export.pull == Pull::Waiting {
            self.pending_pulls = self.pending_pulls.saturating_sub(1);
        }
        if matches!(export.kind, Kind::Result | Kind::Streamed | Kind::Pipe) {
            self.unreleased_results = self.unreleased_results.saturating_sub(1);
        }
        if self.graph.export(export.node) == Some(id) {
            self.graph.set_export(export.node, None);
        }
        self.release_cap(export.node, turn);
    }
}

pub(super) fn no_such_export(id: ExportId) -> Abort {
    refusal::error("no such export ID: ", &id.0, "").into()
}
