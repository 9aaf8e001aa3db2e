//! Evaluating expressions: what each form stands for, and the calls that it makes.

use super::Session;
use super::dispatch::{Route, Wanted};
use crate::json::{Elements, Kind, View};
use crate::proto::expression::{Form, read};
use crate::proto::ids::{Cap, CapId, ExportId};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

/// What the ids of an expression refer to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// The export table: the expression is a message's.
    Session,
    /// The variables of a map function.
    Map(&'a Frame),
}

impl Scope<'_> {
    /// Whether the expression stands in the message that is being received.
    fn is_in_message(self) -> bool {
        match self {
            Scope::Session => true,
            Scope::Map(frame) => frame.is_in_message,
        }
    }
}

/// The variables of one run of a map function (protocol page, "remap").
#[derive(Debug)]
pub(super) struct Frame {
    /// Ids -1, -2, …
    pub(super) captures: Vec<CapId>,
    /// Id 0. None as long as no node is needed for it.
    pub(super) input: Option<CapId>,
    /// Ids 1, 2, …: the results of the instructions.
    pub(super) results: Vec<CapId>,
    /// The function stands in the message that is being received.
    pub(super) is_in_message: bool,
}

impl Frame {
    fn lookup(&self, id: i64) -> Option<CapId> {
        if id == 0 {
            return self.input;
        }
        let list = if id < 0 { &self.captures } else { &self.results };
        list.get(usize::try_from(id.unsigned_abs()).ok()?.checked_sub(1)?).copied()
    }
}

/// What ends an evaluation: a message that is malformed aborts the session, a map function that
/// is rejects the map.
pub(super) type Evaluated<T> = Result<T, RpcError>;

impl Session {
    /// Evaluates an expression to a node, with a reference.
    pub(super) fn evaluate_node(
        &mut self,
        view: View<'_>,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<CapId> {
        if view.kind() == Kind::Array && view.escaped_array().is_none() {
            let mut form = read(view, &self.limits)?;
            if let Form::Import { is_promise, path: Some(_), .. } = &mut form {
                // By itself the result is awaited all the same, as in npm `capnweb` 0.12.0.
                *is_promise = true;
            }
            if let Some(cap) = self.capability(view, form, scope, depth, turn)? {
                return Ok(match cap {
                    Cap::Promise(node) => node,
                    _ => self.value_node(Payload::from_cap(cap)),
                });
            }
        }
        let payload = self.evaluate(view, scope, depth, turn)?;
        Ok(self.value_node(payload))
    }

    /// Evaluates an expression to a payload.
    pub(super) fn evaluate(
        &mut self,
        view: View<'_>,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<Payload<Cap>> {
        let found = self.find_caps(view, false, scope, depth, turn)?;
        Ok(self.copy_found(view, found, turn))
    }

    /// The capability that a form stands for, as a reference.
    pub(super) fn capability(
        &mut self,
        view: View<'_>,
        form: Form<'_>,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<Option<Cap>> {
        match form {
            Form::Value | Form::Error(_) | Form::Fetch(_) => Ok(None),
            Form::Export { id, is_promise } => match scope {
                Scope::Session => self.import(id, is_promise).map(Some),
                Scope::Map(_) => Err(RpcError::error("A mapper function cannot refer to exports.")),
            },
            Form::Writable(_) | Form::Readable(_) if matches!(scope, Scope::Map(_)) => {
                Err(RpcError::error("A mapper function cannot refer to streams."))
            }
            Form::Writable(id) => self.import_writable(id).map(Some),
            Form::Readable(id) => self.claim_readable(id).map(Some),
            Form::Remap { id, path, captures, instructions } => {
                let on = self.lookup(id, scope)?;
                let captures = self.captures(captures, scope, turn)?;
                let is_in_message = scope.is_in_message();
                let map = self.map_view(on, path, captures, (instructions, is_in_message), turn);
                Ok(Some(Cap::Promise(map)))
            }
            Form::Import { id, is_promise, path, arguments } => {
                let on = self.lookup(id, scope)?;
                let is_in_message = scope.is_in_message();
                let parts = path.unwrap_or(view).elements();
                let parts = if path.is_some() { parts } else { Elements::default() };
                let wanted = self.wanted(arguments, scope, depth, turn)?;
                let node = self.dispatch(on, Route { parts, is_in_message }, wanted, turn);
                Ok(Some(if is_promise { Cap::Promise(node) } else { self.stub_of(node, turn) }))
            }
        }
    }

    fn wanted<'m>(
        &mut self,
        arguments: Option<View<'m>>,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<Wanted<'m>> {
        let Some(arguments) = arguments else { return Ok(Wanted::Get) };
        let found =
            self.nested(1, |session| session.find_caps(arguments, true, scope, depth, turn))?;
        Ok(match scope {
            Scope::Session => Wanted::Call(arguments, found),
            Scope::Map(_) => Wanted::CallOwned(self.copy_found(arguments, found, turn)),
        })
    }

    /// What an id refers to, without a reference.
    pub(super) fn lookup(&self, id: i64, scope: Scope<'_>) -> Evaluated<CapId> {
        let found = match scope {
            Scope::Session => self.exports.get(&ExportId(id)).map(|export| export.node()),
            Scope::Map(frame) => frame.lookup(id),
        };
        found.ok_or_else(|| refusal::error("no such entry on exports table: ", &id, ""))
    }

    fn captures(
        &mut self,
        list: View<'_>,
        scope: Scope<'_>,
        turn: &mut Turn,
    ) -> Evaluated<Vec<CapId>> {
        let mut captures = Vec::new();
        for view in list.elements() {
            match self.capture(view, scope, turn) {
                Ok(capture) => captures.push(capture),
                Err(error) => {
                    for capture in captures {
                        self.release_cap(capture, turn);
                    }
                    return Err(error);
                }
            }
        }
        Ok(captures)
    }

    fn capture(&mut self, view: View<'_>, scope: Scope<'_>, turn: &mut Turn) -> Evaluated<CapId> {
        let form = match view.kind() {
            Kind::Array if view.escaped_array().is_none() => read(view, &self.limits)?,
            _ => Form::Value,
        };
        let cap = match form {
            Form::Import { is_promise: false, path: None, .. }
            | Form::Export { is_promise: false, .. } => {
                self.capability(view, form, scope, 0, turn)?
            }
            _ => None,
        };
        let unknown = || {
            let capture = refusal::quoted(view.raw());
            refusal::type_error("unknown map capture: ", &capture, "")
        };
        cap.map(Cap::id).ok_or_else(unknown)
    }

    /// A stub of what a node stands for now. Takes over the reference to the node.
    pub(super) fn stub_of(&mut self, node: CapId, turn: &mut Turn) -> Cap {
        let end = self.graph.find_stub(node);
        if end != node {
            self.graph.retain(end);
            self.release_cap(node, turn);
        }
        Cap::Stub(end)
    }
}
