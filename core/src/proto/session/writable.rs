//! What is done with the writable end of a pipe.

use super::Session;
use super::dispatch::{Route, Wanted};
use crate::json::Tape;
use crate::proto::follow::{is_undefined, part_name};
use crate::proto::graph::{State, Waiters};
use crate::proto::ids::{Cap, CapId};
use crate::proto::pipe::{CHUNK_BYTES, Chunk, End};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

impl Session {
    /// An operation on an end of a pipe.
    pub(super) fn on_pipe(
        &mut self,
        node: CapId,
        mut route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let method = route.parts.next().map(|part| String::from(part_name(part)));
        let is_last = route.parts.next().is_none();
        let Some(arguments) = self.kept_arguments(wanted, turn) else {
            return self.broken(RpcError::error("a stream has no properties"));
        };
        match (self.graph.state(node), method.as_deref()) {
            (&State::Writable(key), Some("write")) if is_last => self.write(key, arguments, turn),
            (&State::Writable(key), Some("close")) if is_last => {
                self.release_caps(&arguments, turn);
                self.close_pipe(key, turn)
            }
            (&State::Writable(key), Some("abort")) if is_last => {
                let why = reason(&arguments);
                self.release_caps(&arguments, turn);
                self.abort_pipe(key, why, turn);
                self.graph.insert(State::Ready(Payload::default()))
            }
            _ => {
                self.release_caps(&arguments, turn);
                let name = refusal::quoted(method.as_deref().unwrap_or_default());
                self.broken(refusal::type_error("a stream has no method '", &name, "'"))
            }
        }
    }

    /// Writes a chunk; gives the promise of that.
    pub(super) fn write(&mut self, key: u64, arguments: Payload<Cap>, turn: &mut Turn) -> CapId {
        if let Err(error) = self.admit_chunk(key, &arguments, turn) {
            self.release_caps(&arguments, turn);
            return self.broken(error);
        }
        let (result, answer) = self.pending();
        let chunk = Chunk { arguments: listed(arguments), answer };
        self.unread_bytes = self.unread_bytes.saturating_add(chunk.bytes());
        if let Some(pipe) = self.pipes.get_mut(key) {
            pipe.queue.push_back(chunk);
        }
        self.advance_pipe(key, turn);
        result
    }

    /// Whether a chunk may be queued. One that is too much ends the stream: it shall not have a
    /// gap.
    fn admit_chunk(
        &mut self,
        key: u64,
        arguments: &Payload<Cap>,
        turn: &mut Turn,
    ) -> Result<(), RpcError> {
        self.check_writable(key)?;
        let bytes = arguments.text_bytes().saturating_add(CHUNK_BYTES);
        let limit = self.limits.max_unread_bytes;
        let admitted = match self.unread_bytes.saturating_add(bytes) > limit {
            true => Err(refusal::range_error("more than ", &limit, " bytes of streams are unread")),
            false => self.admit(0),
        };
        if let Err(error) = &admitted {
            self.fail_pipe(key, error, turn);
        }
        admitted
    }

    pub(super) fn check_writable(&self, key: u64) -> Result<(), RpcError> {
        match self.pipes.get(key).map(|pipe| &pipe.end) {
            Some(End::Open) => Ok(()),
            Some(End::Failed(error)) => Err(error.clone()),
            _ => Err(RpcError::type_error("the stream is closed")),
        }
    }

    fn close_pipe(&mut self, key: u64, turn: &mut Turn) -> CapId {
        if let Err(error) = self.check_writable(key).and_then(|()| self.admit(0)) {
            return self.broken(error);
        }
        let (result, answer) = self.pending();
        if let Some(pipe) = self.pipes.get_mut(key) {
            pipe.end = End::Closing(answer);
        }
        self.advance_pipe(key, turn);
        result
    }

    fn abort_pipe(&mut self, key: u64, why: RpcError, turn: &mut Turn) {
        // As for `WritableStream`, a stream that is being closed can still be aborted.
        self.fail_pipe(key, &why, turn);
    }

    /// A promise that a pipe settles, counted as a call, and the pipe's reference to it.
    fn pending(&mut self) -> (CapId, CapId) {
        let result = self.graph.insert(State::Pending(Waiters::default()));
        (result, self.graph.retain(result))
    }
}

const EMPTY_LIST: &str = "[]";

/// A list of one element for a `write` without arguments.
fn listed(arguments: Payload<Cap>) -> Payload<Cap> {
    match arguments.text_bytes() == EMPTY_LIST.len() && arguments.text() == EMPTY_LIST {
        true => Payload::from_text(String::from(r#"[["undefined"]]"#)),
        false => arguments,
    }
}

/// The first argument of `abort`, as an error.
fn reason(arguments: &Payload<Cap>) -> RpcError {
    let mut tape = Tape::default();
    let first = match tape.parse(arguments.text(), usize::MAX) {
        Ok(()) => tape.view(arguments.text()).elements().next(),
        Err(_) => None,
    };
    match first {
        Some(view) if !arguments.has_caps() && !is_undefined(view) => RpcError::from_view(view),
        _ => RpcError::error("the stream was aborted"),
    }
}
