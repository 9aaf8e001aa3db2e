//! Evaluating expressions: checking them, making the calls in them, and finding the capabilities.

use std::ops::Range;

use super::Session;
use super::dispatch::{Route, Wanted};
use crate::json::{Elements, Kind, View};
use crate::normal::{Cuts, bracket_levels};
use crate::proto::call::Arguments;
use crate::proto::expression::{Form, is_data, is_double, read};
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

/// The capabilities of an expression, where they stand in its text. They are references.
#[derive(Debug, Default)]
pub(super) struct Found {
    holes: Vec<Hole>,
    may_be_cut: bool,
    /// They stand in a plain list of expressions.
    is_list: bool,
    /// The deepest level in it, if there are capabilities.
    levels: usize,
}

/// A capability and the place of its expression.
#[derive(Debug)]
struct Hole {
    index: u32,
    bytes: Range<usize>,
    cap: Cap,
}

impl Found {
    pub(super) fn has_promises(&self) -> bool {
        self.holes.iter().any(|hole| hole.cap.is_promise())
    }

    /// What a copy leaves out.
    pub(super) fn cuts(&self, view: View<'_>) -> Cuts {
        match (self.may_be_cut, self.is_list) {
            (false, _) => Cuts::white_space(view),
            (true, false) => Cuts::of(view),
            (true, true) => Cuts::of_list(view),
        }
    }

    /// Whether all of it can be handed over as it stands in the message.
    pub(super) fn is_whole(&self, view: View<'_>) -> bool {
        if self.holes.is_empty() || !self.may_be_cut {
            return !self.has_promises();
        }
        let cuts = self.cuts(view);
        self.holes.iter().all(|hole| !hole.cap.is_promise() && !cuts.contain(hole.bytes.start))
    }

    /// How many containers are nested in an expression with capabilities, those around it included.
    pub(super) fn levels(&self) -> usize {
        self.levels
    }

    /// The holes, by their places.
    pub(super) fn into_holes(self) -> impl Iterator<Item = (Range<usize>, Cap)> {
        self.holes.into_iter().map(|hole| (hole.bytes, hole.cap))
    }

    pub(super) fn into_arguments(self, view: View<'_>) -> Arguments {
        let caps = self.holes.iter().map(|hole| (hole.index, hole.cap)).collect();
        Arguments::InMessage { at: view.index(), caps }
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

    /// Evaluates what is in an expression, or in a plain list of expressions: checks every form
    /// and makes every call.
    pub(super) fn find_caps(
        &mut self,
        root: View<'_>,
        is_list: bool,
        scope: Scope<'_>,
        depth: usize,
        turn: &mut Turn,
    ) -> Evaluated<Found> {
        let may_be_cut = root.has_outstanding();
        let mut found = Found { is_list, may_be_cut, ..Found::default() };
        if is_data(root, is_list, depth, &self.limits) {
            return Ok(found);
        }
        let base = self.levels.len();
        let walked = self.walk(root, is_list, scope, (base, depth), &mut found, turn);
        self.levels.truncate(base);
        match walked {
            Ok(()) => Ok(found),
            Err(error) => {
                self.discard_found(found, turn);
                Err(error)
            }
        }
    }

    fn walk(
        &mut self,
        root: View<'_>,
        is_list: bool,
        scope: Scope<'_>,
        (base, depth): (usize, usize),
        found: &mut Found,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let (mut at, end) = (root.index(), root.next_index());
        if is_list {
            at = self.enter(root, (base, depth), found)?;
        }
        while at < end {
            let view = root.at(at);
            at = match view.kind() {
                Kind::Object => {
                    self.leave(at, base);
                    self.enter(view, (base, depth), found)?
                }
                Kind::Array => {
                    self.leave(at, base);
                    match view.escaped_array() {
                        Some(array) => self.enter(array, (base, depth), found)?,
                        None => {
                            let inner = depth + self.levels.len() - base;
                            self.walk_form(view, scope, (base, depth, inner), found, turn)?
                        }
                    }
                }
                Kind::Number if !is_double(view) => return Err(not_a_double(view)),
                _ => at + 1,
            };
        }
        Ok(())
    }

    /// Leaves the containers that end before an index.
    fn leave(&mut self, at: u32, base: usize) {
        while self.levels.len() > base && self.levels.last().is_some_and(|&next| next <= at) {
            self.levels.pop();
        }
    }

    fn walk_form(
        &mut self,
        view: View<'_>,
        scope: Scope<'_>,
        (base, depth, inner): (usize, usize, usize),
        found: &mut Found,
        turn: &mut Turn,
    ) -> Evaluated<u32> {
        let form = read(view, &self.limits)?;
        if let Form::Error(Some(props)) = form {
            return self.enter(props, (base, depth), found);
        }
        if is_web_form(view) {
            self.check_levels(inner + bracket_levels(view.raw()), found)?;
        }
        if let Form::Fetch(body) = form {
            if let Some(body) = body {
                self.walk_form(body, scope, (base, depth, inner + 1), found, turn)?;
            }
            return Ok(view.next_index());
        }
        if let Some(cap) = self.capability(view, form, scope, inner, turn)? {
            let bytes = view.start()..view.end();
            found.holes.push(Hole { index: view.index(), bytes, cap });
        }
        Ok(view.next_index())
    }

    /// Goes into a container; gives the tape index of the first thing in it.
    fn enter(
        &mut self,
        container: View<'_>,
        (base, depth): (usize, usize),
        found: &mut Found,
    ) -> Evaluated<u32> {
        let (at, next) = (container.index() + 1, container.next_index());
        if at < next {
            self.check_levels(depth + self.levels.len() - base + 1, found)?;
            self.levels.push(next);
        }
        Ok(at)
    }

    fn check_levels(&self, level: usize, found: &mut Found) -> Evaluated<()> {
        let limit = self.limits.max_depth_levels;
        found.levels = found.levels.max(level);
        if level < limit {
            return Ok(());
        }
        let why = "Deserialization exceeded maximum allowed message depth of ";
        Err(refusal::type_error(why, &limit, "."))
    }

    /// The capability that a form stands for, as a reference.
    fn capability(
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

    pub(super) fn discard_found(&mut self, found: Found, turn: &mut Turn) {
        for hole in found.holes {
            self.release_cap(hole.cap.id(), turn);
        }
    }
}

/// Whether there is plain JSON in a form, which may nest.
fn is_web_form(view: View<'_>) -> bool {
    let tag = view.elements().next().and_then(View::plain_str);
    matches!(tag, Some("headers" | "request" | "response"))
}

#[cold]
fn not_a_double(number: View<'_>) -> RpcError {
    refusal::range_error("a number is out of range: ", &refusal::start(number.raw(), 32), "")
}
