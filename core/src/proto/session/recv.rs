//! Messages from the peer.

use super::Session;
use super::dispatch::{Member, Wanted};
use super::evaluate::Scope;
use super::exports::Kind;
use crate::json::{Elements, View};
use crate::proto::abort::Abort;
use crate::proto::bytes_chunk::BytesChunk;
use crate::proto::graph::State;
use crate::proto::ids::{CapId, ExportId, ImportId};
use crate::proto::limits::Limits;
use crate::proto::message::{Brief, Message};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

impl Session {
    /// A message has come from the peer.
    ///
    /// # Errors
    ///
    /// If it breaks the protocol or a limit, or the session has ended before. The session has
    /// ended then; the turn says so too, and holds the `abort` message for the peer.
    pub fn recv(&mut self, message: Message<'_>, turn: &mut Turn) -> Result<(), Abort> {
        if let Some(error) = &self.closed {
            return Err(Abort::from(error.clone()));
        }
        let received = match message.brief {
            Some(Brief::Pull(id)) => self.pull_export(ExportId(id), turn),
            Some(Brief::Release(id, count)) => self.release_export(ExportId(id), count, turn),
            Some(Brief::Call(on, method)) => {
                let name = Member { name: message.string(method).into(), span: Some(method) };
                self.receive_call(on, name, message.root, turn)
            }
            None => self.receive(message.root, turn),
        };
        self.received(received, turn)
    }

    /// As [`recv`](Self::recv) of a chunk of bytes, without the text of its message.
    ///
    /// # Errors
    ///
    /// The chunk, if only the message can tell what becomes of it. Nothing has happened then.
    pub fn recv_chunk(&mut self, chunk: BytesChunk, turn: &mut Turn) -> Result<(), BytesChunk> {
        let Some(pipe) = self.pipe_of(&chunk) else { return Err(chunk) };
        let arguments = Payload::list_of_bytes(chunk.bytes);
        let node = self.write(pipe, arguments, turn);
        let received = self.add_streamed(node, turn);
        // What follows from an abort stands in the turn.
        let _ = self.received(received, turn);
        Ok(())
    }

    /// The pipe that a chunk goes into, if it may and nothing is in between.
    fn pipe_of(&self, chunk: &BytesChunk) -> Option<u64> {
        let Limits { max_message_bytes, max_depth_levels, .. } = self.limits;
        let export = self.exports.get(&ExportId(chunk.pipe.into()))?;
        match self.graph.state(export.node()) {
            &State::Writable(pipe) if self.closed.is_none() => {
                chunk.is_within(max_message_bytes, max_depth_levels).then_some(pipe)
            }
            _ => None,
        }
    }

    /// Deals with what has followed from a message.
    fn received(&mut self, received: Result<(), Abort>, turn: &mut Turn) -> Result<(), Abort> {
        if let Err(abort) = &received {
            self.abort_with(abort.error(), turn);
        }
        self.run_woken(turn);
        received
    }

    /// The text of a message could not be parsed, or is too long: ends the session as
    /// [`recv`](Self::recv) does.
    pub fn recv_invalid(&mut self, why: impl Into<Abort>, turn: &mut Turn) -> Abort {
        let abort = why.into();
        self.abort(abort.error().clone(), turn);
        abort
    }

    fn receive(&mut self, message: View<'_>, turn: &mut Turn) -> Result<(), Abort> {
        let mut rest = message.elements();
        let kind = rest.next().and_then(View::as_str).unwrap_or_default();
        match &*kind {
            "push" => self.receive_push(rest, turn),
            "pull" => rest
                .next()
                .and_then(View::as_integer)
                .map(|id| self.pull_export(ExportId(id), turn)),
            "resolve" => self.receive_settlement(rest, false, turn),
            "reject" => self.receive_settlement(rest, true, turn),
            "release" => self.receive_release(rest, turn),
            "abort" => self.receive_abort(rest, turn),
            "stream" => self.receive_stream(rest, turn),
            "pipe" => Some(self.receive_pipe()),
            _ => None,
        }
        .unwrap_or_else(|| Err(bad_message(message)))
    }

    /// A push of a method's call.
    fn receive_call(
        &mut self,
        on: i64,
        method: Member<'_>,
        arguments: View<'_>,
        turn: &mut Turn,
    ) -> Result<(), Abort> {
        let on = self.lookup(on, Scope::Session)?;
        let found =
            self.nested(1, |session| session.find_caps(arguments, true, Scope::Session, 0, turn))?;
        let node = self.call_method(on, method, Wanted::Call(arguments, found), turn);
        self.add_result(node, Kind::Result)
    }

    fn receive_push(&mut self, mut rest: Elements<'_>, turn: &mut Turn) -> Received {
        let expression = rest.next()?;
        Some(match self.evaluate_node(expression, Scope::Session, 0, turn) {
            Ok(node) => self.add_result(node, Kind::Result),
            Err(error) => Err(error.into()),
        })
    }

    /// As a push that is pulled at once and released by its answer.
    fn receive_stream(&mut self, mut rest: Elements<'_>, turn: &mut Turn) -> Received {
        let expression = rest.next()?;
        Some(match self.evaluate_node(expression, Scope::Session, 0, turn) {
            Ok(node) => self.add_streamed(node, turn),
            Err(error) => Err(error.into()),
        })
    }

    /// Enters the result of a `stream` message.
    fn add_streamed(&mut self, node: CapId, turn: &mut Turn) -> Result<(), Abort> {
        self.add_result(node, Kind::Streamed)?;
        self.pull_export(ExportId(self.last_push), turn)
    }

    fn receive_settlement(
        &mut self,
        mut rest: Elements<'_>,
        is_reject: bool,
        turn: &mut Turn,
    ) -> Received {
        let id = rest.next()?.as_integer()?;
        let expression = rest.next()?;
        Some(self.receive_resolution(ImportId(id), is_reject, expression, turn))
    }

    fn receive_release(&mut self, mut rest: Elements<'_>, turn: &mut Turn) -> Received {
        let id = rest.next()?.as_integer()?;
        let count = u64::try_from(rest.next()?.as_integer()?).ok().filter(|&count| count > 0)?;
        Some(self.release_export(ExportId(id), count, turn))
    }

    fn receive_abort(&mut self, mut rest: Elements<'_>, turn: &mut Turn) -> Received {
        let expression = rest.next()?;
        self.close(&RpcError::from_view(expression), turn);
        Some(Ok(()))
    }
}

/// None for a message of the wrong form.
type Received = Option<Result<(), Abort>>;

#[cold]
fn bad_message(message: View<'_>) -> Abort {
    refusal::error("bad RPC message: ", &refusal::quoted(message.raw()), "").into()
}
