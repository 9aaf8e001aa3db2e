//! A session from a snapshot.

use super::Session;
use super::exports::{Export, Kind, Pull};
use crate::proto::freeze::{
    Entry, EntryKind, Link, MainExport, Node, PeerEntry, SturdyRef, ThawError, Thawed, Waiting,
    read,
};
use crate::proto::graph::State;
use crate::proto::ids::{Cap, CapId, ExportId, TargetId};
use crate::proto::limits::Limits;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// How named targets are found again.
type Find<'f> = &'f mut dyn FnMut(&SturdyRef) -> Result<TargetId, RpcError>;

impl Session {
    /// Makes a session from the bytes that [`freeze`](Self::freeze) wrote: it goes on where that
    /// one stopped, with the same ids, and no method runs again.
    ///
    /// `main` is the main object made anew. `find` revives the others by name, each once; a target
    /// that it gives twice is one target. Where it fails, the capability rejects every use with
    /// its error, and the rest of the session lives. What nobody held of the peer's is released,
    /// and what was [lost](Self::freeze_lossy) while the peer waited for it is rejected: the turn
    /// has the messages, and in [`dropped`](Turn::dropped) `main`, if neither the peer
    /// nor anything else refers to it any more.
    ///
    /// # Errors
    ///
    /// If the bytes are not a frozen session or exceed the limits. They are trusted in nothing,
    /// and all of them are checked before `find` is asked.
    pub fn thaw(
        bytes: &[u8],
        main: Option<TargetId>,
        limits: Limits,
        find: &mut dyn FnMut(&SturdyRef) -> Result<TargetId, RpcError>,
        turn: &mut Turn,
    ) -> Result<Thawed, ThawError> {
        let snapshot = read(bytes, &limits)?;
        let mut session = Session::new(main, limits);
        session.last_push = snapshot.last_push;
        session.last_export = snapshot.last_export;
        session.last_import = snapshot.last_import;
        let nodes = session.thaw_nodes(snapshot.nodes, find);
        for entry in snapshot.exports {
            session.thaw_export(entry, &nodes);
        }
        for waiting in snapshot.waiting {
            session.thaw_waiting(waiting, turn);
        }
        let held = snapshot.held.into_iter();
        let held = held.map(|(number, node)| (number, session.thaw_ref(&nodes, node))).collect();
        session.thaw_main(snapshot.main, turn);
        for node in nodes {
            session.release_cap(node, turn);
        }
        Ok(Thawed { session, held })
    }

    /// A target that was found does not fit after all: every use of it rejects with the error.
    pub fn break_target(&mut self, target: TargetId, error: RpcError) {
        self.graph.break_target(target, error);
    }

    /// The nodes by number, each with a reference.
    fn thaw_nodes(&mut self, nodes: Vec<Node>, find: Find<'_>) -> Vec<CapId> {
        let mut values = Vec::new();
        let mut caps = Vec::with_capacity(nodes.len());
        for node in nodes {
            caps.push(match node {
                Node::Main => self.thaw_own_main(),
                Node::PeerMain => self.remote_main(),
                Node::Target(name) => match find(&name) {
                    Ok(target) => self.graph.target(target),
                    Err(error) => self.broken(error),
                },
                Node::Failed(error) => self.broken(error),
                Node::Peer(entry) => self.thaw_import(entry),
                Node::Value(value) => {
                    let cap = self.graph.insert(State::Ready(Payload::empty()));
                    values.push((cap, value));
                    cap
                }
            });
        }
        for (cap, value) in values {
            self.thaw_value(cap, value, &caps);
        }
        caps
    }

    fn thaw_own_main(&mut self) -> CapId {
        match self.main {
            Some(main) => self.graph.target(main),
            None => self.no_main(),
        }
    }

    fn thaw_import(&mut self, entry: PeerEntry) -> CapId {
        let cap = self.add_import(entry.id, entry.is_promise);
        if let Some(State::Import(import)) = self.graph.state_mut(cap) {
            import.is_pulled = entry.is_pulled;
        }
        if let Some(known) = self.imports.get_mut(entry.id.0) {
            known.refs = entry.refs;
        }
        cap
    }

    /// Fills a node with its value. That no circle of stubs arises has been checked: a stub never
    /// leads to a value that is one stub.
    fn thaw_value(&mut self, cap: CapId, value: Payload<Link>, nodes: &[CapId]) {
        let value = value.map(|link| {
            let cap = self.thaw_ref(nodes, link.node);
            if link.is_promise { Cap::Promise(cap) } else { Cap::Stub(cap) }
        });
        self.graph.replace(cap, State::Ready(value));
    }

    fn thaw_export(&mut self, entry: Entry, nodes: &[CapId]) {
        let node = self.thaw_ref(nodes, entry.node);
        let kind = match entry.kind {
            EntryKind::Result => Kind::Result,
            EntryKind::Promise => Kind::Promise,
            EntryKind::Stub { .. } => Kind::Stub,
        };
        if kind == Kind::Result {
            self.unreleased_results += 1;
        }
        if entry.kind == (EntryKind::Stub { is_known: true }) {
            self.graph.set_export(node, Some(entry.id));
        }
        let pull = if entry.is_pulled { Pull::Done } else { Pull::No };
        self.exports.insert(entry.id, Export { node, refs: entry.refs, kind, pull });
    }

    fn thaw_waiting(&mut self, waiting: Waiting, turn: &mut Turn) {
        let Waiting { id, is_streamed } = waiting;
        let Some(export) = self.exports.get_mut(&id) else { return };
        export.pull = Pull::Waiting;
        if is_streamed {
            export.kind = Kind::Streamed;
        }
        self.pending_pulls += 1;
        self.send_resolution(id, turn);
    }

    fn thaw_main(&mut self, main: MainExport, turn: &mut Turn) {
        match (main, self.exports.get_mut(&ExportId(0))) {
            (MainExport::Released, _) => self.remove_export(ExportId(0), turn),
            (MainExport::Pulled, Some(export)) => export.pull = Pull::Done,
            _ => {}
        }
    }

    /// One more reference to a node by its number.
    fn thaw_ref(&mut self, nodes: &[CapId], number: u32) -> CapId {
        match nodes.get(number as usize) {
            Some(&cap) => self.graph.retain(cap),
            None => self.broken(RpcError::error("no such node")),
        }
    }
}
