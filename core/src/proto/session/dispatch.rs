//! Calls and property reads: where they go, by what the node is that they are made on.

use std::borrow::Cow;

use super::Session;
use super::deliver::Destination;
use super::find::Found;
use crate::json::{Elements, Tape, View};
use crate::normal::is_forbidden_key;
use crate::proto::MAX_SCRATCH;
use crate::proto::call::{Arguments, Call, Name, Operation};
use crate::proto::follow::{Followed, follow, not_a_function, part_name, property_of_undefined};
use crate::proto::graph::{Action, State, Waiters};
use crate::proto::ids::{AnswerId, Cap, CapId, TargetId};
use crate::proto::message::Span;
use crate::proto::path::Path;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// What is done with the thing at a path.
#[derive(Debug)]
pub(super) enum Wanted<'m> {
    Get,
    /// A call whose arguments stand in the message that is being received.
    Call(View<'m>, Found),
    /// A call whose arguments are kept.
    CallOwned(Payload<Cap>),
}

/// A path: the parts that are left, and whether they stand in the message that is being received.
#[derive(Clone, Debug)]
pub(super) struct Route<'p> {
    pub(super) parts: Elements<'p>,
    pub(super) is_in_message: bool,
}

/// The name of a property or method.
#[derive(Debug)]
pub(super) struct Member<'p> {
    pub(super) name: Cow<'p, str>,
    /// Where it stands in the message that is being received, if it does.
    pub(super) span: Option<Span>,
}

impl Member<'_> {
    /// As calls have it that are run before the next message is received.
    fn short_lived(self) -> Name {
        self.span.map_or_else(|| Name::Owned(self.name.into()), Name::InMessage)
    }
}

impl Session {
    /// A call of a method. Does not take over `on`.
    pub(super) fn call_method(
        &mut self,
        on: CapId,
        method: Member<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let end = self.graph.find_stub(on);
        if let Some((node, target)) = self.graph.callee(end)
            && !is_forbidden_key(&method.name)
        {
            return self.emit(node, target, Some(method), wanted, turn);
        }
        let (path, mut tape) = (Path::of(&method.name), Tape::default());
        if tape.parse(path.as_text(), 1).is_err() {
            let why = RpcError::type_error("a property path is no path");
            return self.refuse(wanted, why, turn);
        }
        let parts = tape.view(path.as_text()).elements();
        self.dispatch(on, Route { parts, is_in_message: false }, wanted, turn)
    }

    /// A call or get whose path and arguments do not stand in the current message.
    #[inline(never)]
    pub(super) fn dispatch_owned(
        &mut self,
        on: CapId,
        path: &Path,
        arguments: Option<Payload<Cap>>,
        turn: &mut Turn,
    ) -> CapId {
        let wanted = arguments.map_or(Wanted::Get, Wanted::CallOwned);
        let mut tape = Tape::default();
        if tape.parse(path.as_text(), 1).is_err() {
            let why = RpcError::type_error("a property path is no path");
            return self.refuse(wanted, why, turn);
        }
        let parts = tape.view(path.as_text()).elements();
        self.dispatch(on, Route { parts, is_in_message: false }, wanted, turn)
    }

    /// Makes a call or reads a property; gives the node of the result, with a reference. Does not
    /// take over `on`.
    pub(super) fn dispatch<'m>(
        &mut self,
        on: CapId,
        mut route: Route<'_>,
        wanted: Wanted<'m>,
        turn: &mut Turn,
    ) -> CapId {
        let mut tape = std::mem::take(&mut self.tape);
        let mut node = self.graph.find(on);
        let result = loop {
            if matches!(wanted, Wanted::Get) && route.parts.clone().next().is_none() {
                break self.graph.retain(node);
            }
            let payload = match self.graph.state(node) {
                State::Ready(payload) => payload,
                State::Target(_) | State::Promised(_) => {
                    let Some((on, target)) = self.graph.callee(node) else {
                        break self.refuse(wanted, RpcError::error(RELEASED), turn);
                    };
                    break self.on_target(on, target, route, wanted, turn);
                }
                _ => break self.on_unresolved(node, route, wanted, turn),
            };
            let length = payload.text().len();
            if let Err(error) = self.charge(length) {
                break self.refuse(wanted, error, turn);
            }
            let Some(payload) = self.graph.value(node) else { break self.graph.retain(node) };
            match follow(payload, route.parts.clone(), &mut tape) {
                Followed::Cap { number, rest } => {
                    let next = payload.cap(number).copied();
                    if let Some(stream @ (Cap::Writable(_) | Cap::Readable(_))) = next
                        && matches!(wanted, Wanted::Get)
                        && rest.clone().next().is_none()
                    {
                        // The node alone does not say that it travels as a stream.
                        let stream = self.graph.retain_cap(&stream);
                        break self.value_node(Payload::from_cap(stream));
                    }
                    node = self.next_node(next.unwrap_or(Cap::Promise(node)));
                    route.parts = rest;
                }
                Followed::Error(error) => break self.refuse(wanted, error, turn),
                Followed::Value { start, end } => {
                    break self.on_value(node, (start, end), route, wanted, turn);
                }
                Followed::Undefined => break self.on_undefined(route.parts, wanted, turn),
            }
        };
        tape.trim(MAX_SCRATCH);
        self.tape = tape;
        result
    }

    /// Where a path goes on that has come to a capability in a value.
    pub(super) fn next_node(&mut self, cap: Cap) -> CapId {
        self.graph.step(1);
        match cap {
            // Stubs of stubs are looked through at once, and then known.
            Cap::Stub(stub) => self.graph.find_stub(stub),
            Cap::Promise(node) | Cap::Writable(node) | Cap::Readable(node) => self.graph.find(node),
        }
    }

    fn on_value(
        &mut self,
        node: CapId,
        (start, end): (usize, usize),
        route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        if !matches!(wanted, Wanted::Get) {
            return self.refuse(wanted, not_a_function(route.parts), turn);
        }
        let value = self.copy_value(node, start, end);
        self.value_node(value)
    }

    /// A copy of a part of a node's value, with its own references.
    pub(super) fn copy_value(&mut self, node: CapId, start: usize, end: usize) -> Payload<Cap> {
        let value = match self.graph.state(node) {
            State::Ready(payload) => part(payload, start, end),
            _ => Payload::default(),
        };
        self.retain_caps(&value);
        value
    }

    #[inline(never)]
    fn on_undefined(&mut self, parts: Elements<'_>, wanted: Wanted<'_>, turn: &mut Turn) -> CapId {
        match wanted {
            Wanted::Get => self.graph.insert(State::Ready(Payload::default())),
            _ => self.refuse(wanted, not_a_function(parts), turn),
        }
    }

    fn on_target(
        &mut self,
        node: CapId,
        target: TargetId,
        mut route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let all = route.parts.clone();
        let Some(first) = route.parts.next() else {
            return self.emit(node, target, None, wanted, turn);
        };
        let next = route.parts.clone().next();
        let name = part_name(first);
        if is_forbidden_key(&name) {
            return match next {
                Some(next) => self.refuse(wanted, property_of_undefined(next), turn),
                None => self.on_undefined(all, wanted, turn),
            };
        }
        let span = route.is_in_message.then(|| Span::of(first)).flatten();
        let name = Member { name, span };
        if next.is_none() {
            return self.emit(node, target, Some(name), wanted, turn);
        }
        let property = self.emit(node, target, Some(name), Wanted::Get, turn);
        let result = self.on_unresolved(property, route, wanted, turn);
        self.release_cap(property, turn);
        result
    }

    /// Puts a call into the turn, or lets it wait for the promises in its arguments.
    fn emit(
        &mut self,
        node: CapId,
        target: TargetId,
        name: Option<Member<'_>>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        if let Err(error) = self.admit(0) {
            return self.refuse(wanted, error, turn);
        }
        let result = self.graph.insert(State::Pending(Waiters::default()));
        let answer = AnswerId(self.graph.retain(result).0);
        let operation = match (wanted, name) {
            (Wanted::Get, Some(name)) => Operation::Get(name.short_lived()),
            (Wanted::Get, None) => Operation::Call(None, Arguments::none()),
            (Wanted::Call(view, found), name) if found.is_whole(view) => {
                Operation::Call(name.map(Member::short_lived), found.into_arguments(view))
            }
            (Wanted::CallOwned(list), name) if !list.caps().any(Cap::is_promise) => {
                Operation::Call(name.map(Member::short_lived), Arguments::Owned(list))
            }
            (wanted, name) => {
                let arguments = self.kept_arguments(wanted, turn).unwrap_or_else(Payload::empty);
                self.graph.retain(node);
                // It may wait, and then outlives the message.
                let name = name.map(|member| Name::Owned(member.name.into()));
                let to = Destination::Call { answer, node, target, name };
                self.deliver_call(arguments, to, turn);
                return result;
            }
        };
        turn.calls.push_back(Call::new(answer, target, operation));
        result
    }

    /// An operation on what is not there yet or is the peer's, or on what has failed.
    fn on_unresolved(
        &mut self,
        node: CapId,
        route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let node = self.graph.find(node);
        match self.graph.state(node) {
            State::Pending(_) => self.wait_for_node(node, route, wanted, turn),
            State::Import(import) => {
                let id = import.id;
                let arguments = self.kept_arguments(wanted, turn);
                self.push_to_peer(id, &Path::from_parts(route.parts), arguments, turn)
            }
            State::Failed(_) => {
                self.discard(wanted, turn);
                self.graph.retain(node)
            }
            State::Writable(_) | State::Readable(_) => self.on_pipe(node, route, wanted, turn),
            // A mistake of the caller's, and no reason to go round in circles.
            State::Vacant => self.refuse(wanted, RpcError::error(RELEASED), turn),
            _ => self.dispatch_settled(node, route, wanted, turn),
        }
    }

    /// A property of a target that was answered at once.
    fn dispatch_settled(
        &mut self,
        node: CapId,
        route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let path = Path::from_parts(route.parts);
        let arguments = self.kept_arguments(wanted, turn);
        self.dispatch_owned(node, &path, arguments, turn)
    }

    fn wait_for_node(
        &mut self,
        node: CapId,
        route: Route<'_>,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let path = Path::from_parts(route.parts);
        let arguments = self.kept_arguments(wanted, turn);
        let bytes = path.as_text().len() + arguments.as_ref().map_or(0, Payload::weight);
        if let Err(error) = self.admit(bytes) {
            if let Some(arguments) = arguments {
                self.release_caps(&arguments, turn);
            }
            return self.graph.insert(State::Failed(error));
        }
        let result = self.graph.insert(State::Pending(Waiters::default()));
        self.graph.retain(result);
        let action = match arguments {
            Some(arguments) => Action::Call { result, path, arguments },
            None => Action::Get { result, path },
        };
        self.wait(node, action);
        result
    }

    /// The arguments of a call, apart from the message that is being received. None for a get.
    #[inline(never)]
    pub(super) fn kept_arguments(
        &mut self,
        wanted: Wanted<'_>,
        turn: &mut Turn,
    ) -> Option<Payload<Cap>> {
        match wanted {
            Wanted::Get => None,
            Wanted::Call(view, found) => Some(self.copy_found(view, found, turn)),
            Wanted::CallOwned(payload) => Some(payload),
        }
    }

    /// The operation fails without being tried.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self, wanted: Wanted<'_>, error: RpcError, turn: &mut Turn) -> CapId {
        self.discard(wanted, turn);
        self.graph.insert(State::Failed(error))
    }

    fn discard(&mut self, wanted: Wanted<'_>, turn: &mut Turn) {
        match wanted {
            Wanted::Get => {}
            Wanted::Call(_, found) => self.discard_found(found, turn),
            Wanted::CallOwned(payload) => self.release_caps(&payload, turn),
        }
    }
}

/// A copy of a part of a value, whose references are not counted.
#[inline(never)]
pub(super) fn part(value: &Payload<Cap>, start: usize, end: usize) -> Payload<Cap> {
    value.slice(start, end, |cap| *cap)
}

const RELEASED: &str = "it was released";
