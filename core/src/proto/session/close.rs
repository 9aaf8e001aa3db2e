//! The end of a session.

use super::Session;
use super::exports::{Export, Kind};
use crate::proto::graph::State;
use crate::proto::ids::{ExportId, ImportId};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

impl Session {
    /// Ends the session and tells the peer why.
    pub fn abort(&mut self, error: RpcError, turn: &mut Turn) {
        self.abort_with(&error, turn);
        self.run_woken(turn);
    }

    /// The connection is gone: what the peer held is released, and what waits for the peer
    /// rejects with `error`. Calls that run go on; their results go nowhere.
    pub fn disconnected(&mut self, error: RpcError, turn: &mut Turn) {
        self.close(&error, turn);
        self.run_woken(turn);
    }

    /// No more messages will come, but messages can still be sent: the end of an HTTP batch.
    /// What waits for an answer of the peer rejects, now and later; so do streams that it has not
    /// closed. Streams that go to the peer are sent without waiting for it to read them, of
    /// [`max_unread_bytes`](crate::Limits::max_unread_bytes) in all.
    pub fn end_of_input(&mut self, turn: &mut Turn) {
        self.is_input_ended = true;
        let waiting: Vec<ImportId> = self.imports.iter().map(|(id, _)| ImportId(id)).collect();
        for id in waiting {
            self.give_up(id, turn);
        }
        self.fail_unfinished_pipes(turn);
        self.run_woken(turn);
    }

    /// Streams of the peer that will never be complete.
    fn fail_unfinished_pipes(&mut self, turn: &mut Turn) {
        if self.pipes.len() == 0 {
            return;
        }
        let why = RpcError::error("the peer cannot finish the stream: the HTTP batch has ended");
        let ids: Vec<ExportId> = self.exports.ids().collect();
        for id in ids {
            let export = self.exports.get(&id).filter(|export| export.kind == Kind::Pipe);
            if let Some(node) = export.map(Export::node)
                && let &State::Writable(key) = self.graph.state(node)
                && self.check_writable(key).is_ok()
            {
                self.fail_pipe(key, &why, turn);
            }
        }
    }

    fn give_up(&mut self, id: ImportId, turn: &mut Turn) {
        let Some(entry) = self.imports.get(id.0) else { return };
        let (node, is_of_stream) = (entry.node, entry.refs == 0);
        if is_of_stream {
            self.send_release(id, turn);
            return self.settle_node(node, State::Ready(Payload::default()));
        }
        let is_waiting =
            matches!(self.graph.state(node), State::Import(import) if import.is_pulled);
        if let Some(error) = self.unanswerable(node)
            && is_waiting
        {
            self.send_release(id, turn);
            self.settle_node(node, State::Failed(error));
        }
    }

    pub(super) fn abort_with(&mut self, error: &RpcError, turn: &mut Turn) {
        if self.closed.is_some() {
            return;
        }
        let out = turn.out.message();
        out.push_str("[\"abort\",");
        out.push_str(&error.to_expression());
        out.push(']');
        self.close(error, turn);
    }

    /// Ends the session without a word.
    pub(super) fn close(&mut self, error: &RpcError, turn: &mut Turn) {
        if self.closed.is_some() {
            return;
        }
        self.closed = Some(error.clone());
        turn.closed = Some(error.clone());
        self.fail_pumps(error, turn);
        self.fail_imports(error, turn);
        let exports = std::mem::take(&mut self.exports);
        for (id, export) in exports.in_order() {
            self.end_export(id, export, turn);
        }
    }

    fn fail_imports(&mut self, error: &RpcError, turn: &mut Turn) {
        let main = self.imports.get(0).map(|entry| entry.node);
        for (_, entry) in std::mem::take(&mut self.imports).iter() {
            self.settle_node(entry.node, State::Failed(error.clone()));
        }
        if let Some(main) = main {
            // The reference that the session holds while it is open.
            self.release_cap(main, turn);
        }
    }
}
