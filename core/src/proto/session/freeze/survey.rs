//! The making of a snapshot: what the tables lead to, numbered in that order.

use super::super::Session;
use super::super::exports::{Export, Kind, Pull};
use crate::order::in_order;
use crate::proto::freeze::{
    Entry, EntryKind, Link, MainExport, Name, Node, PeerEntry, Pin, Snapshot, Waiting, check_error,
    hole_offsets, verify,
};
use crate::proto::graph::{Action, Ends, State};
use crate::proto::ids::{Cap, CapId, ExportId, TargetId};
use crate::{Payload, RpcError};

pub(super) struct Survey<'s, 'n> {
    session: &'s Session,
    name: &'n mut dyn FnMut(TargetId) -> Name,
    /// What becomes of that which cannot be saved, if it does not matter.
    lost: Option<&'s RpcError>,
    /// By the place of a node, its number; `u32::MAX` for none.
    numbers: Vec<u32>,
    /// The nodes that have numbers.
    order: Vec<CapId>,
    promises: Ends<'s>,
    stubs: Ends<'s>,
    pins: Vec<Pin>,
    has_streams: bool,
}

impl<'s, 'n> Survey<'s, 'n> {
    /// The snapshot, and what of the session it lacks.
    pub(super) fn of(
        session: &'s Session,
        held: &[(u32, CapId)],
        name: &'n mut dyn FnMut(TargetId) -> Name,
        lost: Option<&'s RpcError>,
    ) -> (Snapshot, Vec<Pin>) {
        let mut survey = Survey {
            session,
            name,
            lost,
            numbers: Vec::new(),
            order: Vec::new(),
            promises: Ends::of_promises(&session.graph),
            stubs: Ends::of_stubs(&session.graph),
            pins: session.activity(),
            has_streams: session.has_streams(),
        };
        let snapshot = survey.snapshot(held);
        if lost.is_none()
            && survey.pins.is_empty()
            && let Err(error) = verify(&snapshot, &session.limits)
        {
            survey.pins.push(Pin::Value(RpcError::from(error)));
        }
        (snapshot, survey.pins)
    }

    fn snapshot(&mut self, held: &[(u32, CapId)]) -> Snapshot {
        let session = self.session;
        let ids = session.export_order();
        let exports = ids
            .into_iter()
            .filter_map(|id| session.exports.get(&id).map(|export| self.entry(id, export)))
            .collect();
        let held = in_order(held.iter().map(|&(number, cap)| (number.into(), cap.0.into())));
        Snapshot {
            last_push: session.last_push,
            last_export: session.last_export,
            last_import: session.last_import,
            main: self.main(),
            exports,
            waiting: session.waiting_exports(),
            held: held
                .map(|(number, cap)| (number as u32, self.number(CapId(cap as u32))))
                .collect(),
            nodes: self.nodes(),
        }
    }

    fn main(&self) -> MainExport {
        match self.session.exports.get(&ExportId(0)) {
            None => MainExport::Released,
            Some(export) if export.pull == Pull::No => MainExport::Held,
            Some(_) => MainExport::Pulled,
        }
    }

    fn entry(&mut self, id: ExportId, export: &Export) -> Entry {
        let end = self.promises.end(export.node);
        let kind = match export.kind {
            Kind::Stub => EntryKind::Stub { is_known: self.session.graph.export(end) == Some(id) },
            Kind::Promise => EntryKind::Promise,
            Kind::Result | Kind::Main | Kind::Streamed | Kind::Pipe => EntryKind::Result,
        };
        let (node, refs) = (self.number(export.node), export.refs);
        Entry { id, node, refs, kind, is_pulled: export.pull == Pull::Done }
    }

    /// The number of what a node stands for.
    fn number(&mut self, cap: CapId) -> u32 {
        let end = self.promises.end(cap);
        let place = self.session.graph.place(end);
        if place >= self.numbers.len() {
            self.session.graph.step(place + 1 - self.numbers.len());
            self.numbers.resize(place + 1, u32::MAX);
        }
        let Some(number) = self.numbers.get_mut(place) else { return u32::MAX };
        if *number == u32::MAX {
            *number = self.order.len() as u32;
            self.order.push(end);
        }
        *number
    }

    /// All nodes that have numbers, and those that these lead to; last, what nobody holds of the
    /// peer's, to be released in the end.
    fn nodes(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        self.reach(&mut nodes);
        for (id, entry) in self.session.imports.iter() {
            // The peer lets go by itself of what takes no references: writes into streams.
            if id != 0 && entry.refs > 0 {
                self.number(entry.node);
            }
        }
        self.reach(&mut nodes);
        nodes
    }

    fn reach(&mut self, nodes: &mut Vec<Node>) {
        while let Some(&cap) = self.order.get(nodes.len()) {
            let node = self.node(cap);
            nodes.push(node);
        }
    }

    fn node(&mut self, cap: CapId) -> Node {
        match self.session.graph.state(cap) {
            &State::Target(target) => self.target(target),
            State::Ready(value) => self.value(value),
            State::Failed(error) => self.failure(error.clone()),
            State::Import(import) if import.id.0 == 0 => Node::PeerMain,
            State::Import(import) => {
                let refs = self.session.imports.get(import.id.0).map_or(1, |entry| entry.refs);
                if refs == 0 {
                    return self.lose();
                }
                Node::Peer(PeerEntry {
                    id: import.id,
                    refs,
                    is_promise: import.is_promise,
                    is_pulled: import.is_pulled,
                })
            }
            // It is among the pins.
            State::Pending(_) | State::Promised(_) | State::Writable(_) | State::Readable(_) => {
                self.lose()
            }
            State::Vacant | State::Forward(_) => {
                Node::Failed(RpcError::error("the capability was released"))
            }
        }
    }

    fn target(&mut self, target: TargetId) -> Node {
        if self.session.main == Some(target) {
            return Node::Main;
        }
        match (self.name)(target) {
            Name::Sturdy(name) => Node::Target(name),
            Name::Break(error) => self.failure(error),
            Name::Pin => {
                self.pins.push(Pin::Target(target));
                self.lose()
            }
        }
    }

    /// What stands for something that cannot be saved. With pins and no `lost`, it does not matter
    /// which node that is.
    fn lose(&mut self) -> Node {
        match self.lost {
            Some(lost) => self.failure(lost.clone()),
            None => Node::PeerMain,
        }
    }

    fn value(&mut self, value: &Payload<Cap>) -> Node {
        let unfit = match hole_offsets(value.text(), &self.session.limits) {
            Ok(holes) if value.offsets().eq(holes.iter().copied()) => None,
            Ok(_) => Some(RpcError::type_error("a hole without capability")),
            Err(why) => Some(why),
        };
        if let Some(why) = unfit {
            self.pins.push(Pin::Value(why));
            return self.lose();
        }
        let mut copy = Payload::empty();
        copy.push_payload(value, |&cap| self.link(cap));
        Node::Value(copy)
    }

    fn link(&mut self, cap: Cap) -> Link {
        match cap {
            Cap::Promise(promise) => Link { node: self.number(promise), is_promise: true },
            Cap::Writable(stream) | Cap::Readable(stream) => {
                if !std::mem::replace(&mut self.has_streams, true) {
                    self.pins.push(Pin::Stream);
                }
                Link { node: self.number(stream), is_promise: false }
            }
            Cap::Stub(stub) => {
                let end = self.stubs.end(stub);
                Link { node: self.number(end), is_promise: false }
            }
        }
    }

    fn failure(&mut self, error: RpcError) -> Node {
        match check_error(&error, &self.session.limits) {
            Ok(()) => Node::Failed(error),
            Err(why) => {
                self.pins.push(Pin::Value(why));
                Node::Failed(RpcError::new(error.kind().to_owned(), error.message()))
            }
        }
    }
}

impl Session {
    /// The ids of the export table but the main object's, in the order of a snapshot.
    fn export_order(&self) -> Vec<ExportId> {
        let ids = self.exports.ids().filter(|id| id.0 != 0).map(|id| (id.place(), id.0));
        in_order(ids).map(|(_, id)| ExportId(id)).collect()
    }

    /// The exports that wait for promises, of the peer or of ours, in the order of arrival.
    fn waiting_exports(&self) -> Vec<Waiting> {
        let imported =
            self.imports.iter().flat_map(|(_, entry)| match self.graph.state(entry.node) {
                State::Import(import) => import.waiters.all.as_slice(),
                _ => &[],
            });
        let waiters = imported.chain(self.graph.pending().flat_map(|(_, waiters)| waiters));
        let ids = waiters.filter_map(|waiter| match waiter.action {
            Action::Resolve(id) => Some((waiter.order, id.0)),
            _ => None,
        });
        in_order(ids).filter_map(|(_, id)| self.waiting(ExportId(id))).collect()
    }

    fn waiting(&self, id: ExportId) -> Option<Waiting> {
        let export = self.exports.get(&id).filter(|export| export.pull == Pull::Waiting)?;
        Some(Waiting { id, is_streamed: export.kind == Kind::Streamed })
    }
}
