//! Messages from the peer.

use super::Session;
use super::dispatch::{Member, Wanted};
use super::evaluate::Scope;
use super::exports::Kind;
use crate::json::{Elements, View};
use crate::proto::abort::Abort;
use crate::proto::ids::{ExportId, ImportId};
use crate::proto::message::{Brief, Message};
use crate::proto::turn::Turn;
use crate::{RpcError, refusal};

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
            Ok(node) => self.add_result(node, Kind::Streamed).and_then(|()| {
                let id = ExportId(self.last_push);
                self.pull_export(id, turn)
            }),
            Err(error) => Err(error.into()),
        })
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
