//! The import table: what we may refer to of the peer's.

use super::Session;
use super::evaluate::{Evaluated, Scope};
use crate::json::{View, write_i64, write_u64};
use crate::proto::abort::Abort;
use crate::proto::graph::{Import, State, Waiters};
use crate::proto::ids::{AnswerId, Cap, CapId, ImportId};
use crate::proto::path::Path;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

/// An entry of the import table. It lives exactly as long as its node is an import, and holds no
/// reference: without others the node goes, and a release is sent.
#[derive(Debug)]
pub(super) struct ImportEntry {
    pub(super) node: CapId,
    /// How often the peer has introduced it: what a release must tell.
    pub(super) refs: u64,
}

impl Session {
    /// The peer's main object; the session itself holds a reference for as long as it is open.
    pub(super) fn import_main(&mut self) {
        self.add_import(ImportId(0), false);
    }

    pub(super) fn add_import(&mut self, id: ImportId, is_promise: bool) -> CapId {
        // The peer resolves its own promises without being asked.
        let is_pulled = is_promise && id.0 < 0;
        let import = Import { id, is_promise, is_pulled, waiters: Waiters::default() };
        let node = self.graph.insert(State::Import(import));
        self.imports.insert(id.0, ImportEntry { node, refs: 1 });
        node
    }

    /// The peer has sent a capability of its own: gives a reference to it.
    pub(super) fn import(&mut self, id: i64, is_promise: bool) -> Evaluated<Cap> {
        if id >= 0 {
            return Err(refusal::error("export ID must be negative: ", &id, ""));
        }
        let is_full = self.imports.len() > self.limits.max_live_imports;
        let known = self.imports.get_mut(id);
        let node = match known {
            Some(_) if is_promise => {
                // Not the end of the session, as in npm `capnweb` 0.12.0: the promise is broken.
                self.broken(refusal::error("a promise reuses export ID ", &id, ""))
            }
            Some(entry) => {
                entry.refs = entry.refs.saturating_add(1);
                let node = entry.node;
                self.graph.retain(node)
            }
            None if is_full => {
                let limit = self.limits.max_live_imports;
                return Err(refusal::range_error("more than ", &limit, " imports"));
            }
            None => self.add_import(ImportId(id), is_promise),
        };
        Ok(if is_promise { Cap::Promise(node) } else { Cap::Stub(node) })
    }

    /// As [`import`](Self::import) of a writable. No promise is one: resolved to itself it would be a value
    /// that leads to itself.
    pub(super) fn import_writable(&mut self, id: i64) -> Evaluated<Cap> {
        let cap = self.import(id, false)?.id();
        if !matches!(self.graph.state(cap), State::Import(import) if import.is_promise) {
            return Ok(Cap::Writable(cap));
        }
        self.leftovers.push(cap);
        Ok(Cap::Stub(self.broken(refusal::error("a writable reuses export ID ", &id, ""))))
    }

    /// Sends a call of, or the reading of a property of, something of the peer's; gives the
    /// promise of the result, or of why it cannot be sent.
    pub(super) fn push_to_peer(
        &mut self,
        id: ImportId,
        path: &Path,
        arguments: Option<Payload<Cap>>,
        turn: &mut Turn,
    ) -> CapId {
        if let Some(arguments) = &arguments
            && let Err(error) = self.admit_caps(arguments)
        {
            self.release_caps(arguments, turn);
            return self.broken(error);
        }
        let mut promises = Vec::new();
        let pipes = arguments.as_ref().map(|arguments| self.open_pipes(arguments, turn));
        let out = turn.out.message();
        out.push_str("[\"push\",[\"pipeline\",");
        write_i64(out, id.0);
        out.push(',');
        out.push_str(path.as_text());
        if let Some(arguments) = &arguments {
            out.push(',');
            self.write_payload(out, arguments, &pipes.unwrap_or_default(), &mut promises);
        }
        out.push_str("]]");
        let result = self.pushed();
        self.exported(promises, turn);
        if let Some(arguments) = &arguments {
            self.release_caps(arguments, turn);
        }
        result
    }

    /// Sends a map over something of the peer's.
    pub(super) fn push_remap(
        &mut self,
        id: ImportId,
        path: &Path,
        captures: Vec<CapId>,
        instructions: &str,
        turn: &mut Turn,
    ) -> CapId {
        let out = turn.out.message();
        out.push_str("[\"push\",[\"remap\",");
        write_i64(out, id.0);
        out.push(',');
        out.push_str(path.as_text());
        out.push_str(",[");
        for (index, &capture) in captures.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.write_stub(out, capture);
        }
        out.push_str("],");
        out.push_str(instructions);
        out.push_str("]]");
        let result = self.pushed();
        self.exported(Vec::new(), turn);
        for capture in captures {
            self.release_cap(capture, turn);
        }
        result
    }

    fn pushed(&mut self) -> CapId {
        self.last_import += 1;
        self.add_import(ImportId(self.last_import), true)
    }

    /// Asks for the resolution of a promise of the peer's or the caller's, once.
    pub(super) fn want(&mut self, node: CapId, turn: &mut Turn) {
        match self.graph.state_mut(node) {
            Some(State::Pending(waiters)) => waiters.is_wanted = true,
            Some(State::Import(import)) if import.is_promise => {
                import.waiters.is_wanted = true;
                if std::mem::replace(&mut import.is_pulled, true) {
                    return;
                }
                let out = turn.out.message();
                out.push_str("[\"pull\",");
                write_i64(out, import.id.0);
                out.push(']');
            }
            Some(State::Promised(promised)) if !promised.waiters.is_wanted => {
                promised.waiters.is_wanted = true;
                self.calls_in_flight += 1;
                let answer = AnswerId(self.graph.retain(node).0);
                turn.wanted.extend(self.graph.callee(node).map(|(_, target)| (answer, target)));
            }
            _ => {}
        }
    }

    /// Why a node will never be answered, if it waits for a peer that has ended its input.
    pub(super) fn unanswerable(&self, node: CapId) -> Option<RpcError> {
        match self.graph.state(node) {
            State::Import(import) if import.is_promise && self.is_input_ended => {
                Some(RpcError::error("the peer cannot answer: the HTTP batch has ended"))
            }
            _ => None,
        }
    }

    /// The peer has resolved or rejected a promise.
    pub(super) fn receive_resolution(
        &mut self,
        id: ImportId,
        is_reject: bool,
        expression: View<'_>,
        turn: &mut Turn,
    ) -> Result<(), Abort> {
        let entry = self.imports.get(id.0).map(|entry| entry.node);
        if let Some(node) = entry
            && matches!(self.graph.state(node), State::Import(import) if !import.is_promise)
        {
            return Err(refusal::error("import ", &id.0, " is not a promise").into());
        }
        let Some(node) = entry else {
            if is_reject {
                return Ok(());
            }
            // Released already. What came is let go at once.
            let payload = self.evaluate(expression, Scope::Session, 0, turn)?;
            self.release_caps(&payload, turn);
            return Ok(());
        };
        // The evaluation may let the last other reference go.
        self.graph.retain(node);
        let evaluated = self.evaluate(expression, Scope::Session, 0, turn);
        let settled = evaluated.map(|payload| {
            self.send_release(id, turn);
            if is_reject {
                self.release_caps(&payload, turn);
                self.settle_node(node, State::Failed(RpcError::from_view(expression)));
            } else {
                self.resolve_node(node, payload, turn);
            }
        });
        self.release_cap(node, turn);
        Ok(settled?)
    }

    /// Removes an entry and tells the peer.
    pub(super) fn send_release(&mut self, id: ImportId, turn: &mut Turn) {
        let Some(entry) = self.imports.remove(id.0) else { return };
        if self.closed.is_some() || entry.refs == 0 {
            return;
        }
        let out = turn.out.message();
        out.push_str("[\"release\",");
        write_i64(out, id.0);
        out.push(',');
        write_u64(out, entry.refs);
        out.push(']');
    }
}
