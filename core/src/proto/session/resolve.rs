//! Resolving exports: the values that the peer waits for.

use super::Session;
use super::budget::fits;
use super::exports::{Kind, Pull, no_such_export};
use crate::proto::abort::Abort;
use crate::proto::graph::{Action, State};
use crate::proto::ids::{Cap, CapId, ExportId};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

impl Session {
    /// The peer wants the value of an export.
    pub(super) fn pull_export(&mut self, id: ExportId, turn: &mut Turn) -> Result<(), Abort> {
        let Some(export) = self.exports.get_mut(&id) else { return Err(no_such_export(id)) };
        if export.pull != Pull::No {
            return Ok(());
        }
        // Most are answered at once: with a value that is there and as it is.
        let text = self.graph.find(export.node);
        let text = self.graph.plain_text(text).filter(|_| export.kind == Kind::Result);
        if let Some(text) = text
            && text.len() <= self.limits.max_copied_bytes_per_message
            && fits(&self.limits, turn, text.len())
        {
            export.pull = Pull::Done;
            write_plain_resolution(turn.out.message(), id, text);
            return Ok(());
        }
        export.pull = Pull::Waiting;
        self.pending_pulls += 1;
        self.send_resolution(id, turn);
        Ok(())
    }

    /// Sends the value of an export, or waits until there is one.
    pub(super) fn send_resolution(&mut self, id: ExportId, turn: &mut Turn) {
        let Some(export) = self.exports.get(&id) else { return };
        let (kind, node) = (export.kind, self.graph.find(export.node));
        self.resolve_export(id, kind, node, turn);
        if kind == Kind::Streamed
            && self.exports.get(&id).is_some_and(|export| export.pull == Pull::Done)
        {
            self.remove_export(id, turn);
        }
    }

    fn resolve_export(&mut self, id: ExportId, kind: Kind, node: CapId, turn: &mut Turn) {
        if let Some(error) = self.unanswerable(node) {
            return self.send_reject(id, &error, turn);
        }
        match self.graph.state(node) {
            State::Pending(_) | State::Promised(_) => {
                self.want(node, turn);
                self.wait(node, Action::Resolve(id));
            }
            State::Import(import) if import.is_promise => {
                self.want(node, turn);
                self.wait(node, Action::Resolve(id));
            }
            State::Failed(error) => {
                let error = error.clone();
                self.send_reject(id, &error, turn);
            }
            State::Ready(_) => self.send_value(id, node, turn),
            _ if matches!(kind, Kind::Stub | Kind::Pipe) => {
                self.send_reject(
                    id,
                    &RpcError::error("Tried to resolve a non-promise stub."),
                    turn,
                );
            }
            _ => self.send_resolve(id, &Payload::from_cap(Cap::Stub(node)), turn),
        }
    }

    fn send_value(&mut self, id: ExportId, node: CapId, turn: &mut Turn) {
        let Some(value) = self.graph.value(node) else { return };
        if value.caps().any(Cap::is_promise) {
            return match self.spliced_value(node) {
                Ok(whole) => self.send_resolve(id, &whole, turn),
                Err(error) => self.send_reject(id, &error, turn),
            };
        }
        let weight = value.weight();
        if let Err(error) = self.charge(weight) {
            return self.send_reject(id, &error, turn);
        }
        if let Some(value) = self.graph.take_value(node) {
            self.send_resolve(id, &value, turn);
            self.graph.put_value(node, value);
        }
    }

    fn send_resolve(&mut self, id: ExportId, payload: &Payload<Cap>, turn: &mut Turn) {
        let room = self.room_to_send(payload.weight(), turn);
        if let Err(error) = room.and_then(|()| self.admit_caps(payload)) {
            return self.send_reject(id, &error, turn);
        }
        self.pull_is_answered(id);
        let pipes = self.open_pipes(payload, turn);
        let mut promises = Vec::new();
        let out = turn.out.message();
        start_resolution(out, id);
        self.write_payload(out, payload, &pipes, &mut promises);
        out.push(']');
        self.exported(promises, turn);
    }

    fn send_reject(&mut self, id: ExportId, error: &RpcError, turn: &mut Turn) {
        self.pull_is_answered(id);
        let mut expression = self.copy_error(error);
        if let Err(refusal) = self.room_to_send(expression.len(), turn)
            && refusal.text_bytes() < error.text_bytes()
        {
            expression = refusal.to_expression();
        }
        let out = turn.out.message();
        out.push_str("[\"reject\",");
        crate::json::write_i64(out, id.0);
        out.push(',');
        out.push_str(&expression);
        out.push(']');
    }

    fn pull_is_answered(&mut self, id: ExportId) {
        if let Some(export) = self.exports.get_mut(&id)
            && export.pull == Pull::Waiting
        {
            export.pull = Pull::Done;
            self.pending_pulls = self.pending_pulls.saturating_sub(1);
        }
    }
}

fn start_resolution(out: &mut String, id: ExportId) {
    out.push_str("[\"resolve\",");
    crate::json::write_i64(out, id.0);
    out.push(',');
}

fn write_plain_resolution(out: &mut String, id: ExportId, value: &str) {
    out.reserve(value.len() + 32);
    start_resolution(out, id);
    out.push_str(value);
    out.push(']');
}
