//! `.map()`: running a recorded function over a value (protocol page, "remap").

use super::Session;
use super::copy::Around;
use super::dispatch::{Member, Route, Wanted, part};
use super::evaluate::{Evaluated, Frame, Scope};
use super::program::{AROUND_INSTRUCTIONS, Plan, Program, Step, Template, Variable};
use crate::json::{Elements, Kind, Tape, View};
use crate::normal::Cuts;
use crate::proto::follow::{Followed, follow, follow_plainly};
use crate::proto::graph::{Action, State, Waiters};
use crate::proto::ids::{Cap, CapId};
use crate::proto::path::Path;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// What to map with: captures, which are references, and the list of instructions.
#[derive(Debug)]
struct Mapper<'p> {
    captures: Vec<CapId>,
    program: View<'p>,
    /// It stands in the message that is being received.
    is_in_message: bool,
}

impl Mapper<'_> {
    /// The captures, and the instructions apart from the message.
    #[inline(never)]
    fn into_kept(self) -> (Vec<CapId>, String) {
        let (view, mut kept) = (self.program, String::new());
        Cuts::white_space(view).copy(&mut kept, view.text(), view.start()..view.end());
        (self.captures, kept)
    }
}

/// What a map runs over once: a part of a value.
#[derive(Clone, Copy, Debug)]
struct Input<'v> {
    value: &'v Payload<Cap>,
    view: View<'v>,
}

impl Session {
    /// A map that the peer has sent.
    pub(super) fn map_view(
        &mut self,
        on: CapId,
        path: View<'_>,
        captures: Vec<CapId>,
        (program, is_in_message): (View<'_>, bool),
        turn: &mut Turn,
    ) -> CapId {
        let mapper = Mapper { captures, program, is_in_message };
        self.map_parts(on, path.elements(), mapper, turn)
    }

    /// A map of our side, or one that has waited.
    pub(super) fn map_owned(
        &mut self,
        on: CapId,
        path: &Path,
        captures: Vec<CapId>,
        instructions: String,
        turn: &mut Turn,
    ) -> CapId {
        let (mut tape, mut program) = (Tape::default(), Tape::default());
        let parsed =
            tape.parse(path.as_text(), 1).and_then(|()| program.parse(&instructions, usize::MAX));
        let program = program.view(&instructions);
        let mapper = Mapper { captures, program, is_in_message: false };
        match parsed {
            Ok(()) => self.map_parts(on, tape.view(path.as_text()).elements(), mapper, turn),
            Err(error) => self.refuse_map(mapper, error.into(), turn),
        }
    }

    fn map_parts(
        &mut self,
        on: CapId,
        mut parts: Elements<'_>,
        mapper: Mapper<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let mut tape = Tape::default();
        let mut node = self.graph.find(on);
        loop {
            let payload = match self.graph.state(node) {
                State::Ready(payload) => payload,
                State::Target(_) | State::Promised(_) if parts.clone().next().is_some() => {
                    return self.map_property(node, parts, mapper, turn);
                }
                State::Target(_) => {
                    let input = Payload::from_cap(Cap::Stub(self.graph.retain(node)));
                    return self.map_value(input, mapper, turn);
                }
                _ => return self.map_unresolved(node, parts, mapper, turn),
            };
            let length = payload.text().len();
            if let Err(error) = self.charge(length) {
                return self.refuse_map(mapper, error, turn);
            }
            let Some(payload) = self.graph.value(node) else { return self.graph.retain(node) };
            match follow(payload, parts.clone(), &mut tape) {
                Followed::Cap { number, rest } => {
                    let next = payload.cap(number).copied();
                    node = self.next_node(next.unwrap_or(Cap::Promise(node)));
                    parts = rest;
                }
                Followed::Value { start, end } => {
                    let value = self.copy_value(node, start, end);
                    return self.map_value(value, mapper, turn);
                }
                Followed::Undefined => return self.map_value(Payload::default(), mapper, turn),
                Followed::Error(error) => return self.refuse_map(mapper, error, turn),
            }
        }
    }

    /// A map over a property of a target: the property is read first.
    fn map_property(
        &mut self,
        node: CapId,
        mut parts: Elements<'_>,
        mapper: Mapper<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let Some(first) = parts.next() else { return self.graph.retain(node) };
        let path = Path::from_parts(std::iter::once(first));
        let property = self.dispatch_owned(node, &path, None, turn);
        let result = self.map_parts(property, parts, mapper, turn);
        self.release_cap(property, turn);
        result
    }

    #[inline(never)]
    fn map_unresolved(
        &mut self,
        node: CapId,
        parts: Elements<'_>,
        mapper: Mapper<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let path = Path::from_parts(parts);
        match self.graph.state(node) {
            State::Import(import) => {
                let id = import.id;
                let (captures, instructions) = mapper.into_kept();
                self.push_remap(id, &path, captures, &instructions, turn)
            }
            State::Pending(_) | State::Promised(_) => {
                let bytes = path.as_text().len() + mapper.program.raw().len();
                if let Err(error) = self.admit(bytes) {
                    return self.refuse_map(mapper, error, turn);
                }
                let result = self.graph.insert(State::Pending(Waiters::default()));
                self.graph.retain(result);
                let (captures, instructions) = mapper.into_kept();
                self.want(node, turn);
                self.wait(node, Action::Map { result, path, captures, instructions });
                result
            }
            State::Writable(_) | State::Readable(_) => {
                self.refuse_map(mapper, RpcError::type_error("a stream cannot be mapped"), turn)
            }
            _ => {
                self.release_captures(mapper, turn);
                self.graph.retain(node)
            }
        }
    }

    /// Maps a value: each element of an array, nothing of null and undefined, and anything else
    /// as it is.
    fn map_value(&mut self, value: Payload<Cap>, mapper: Mapper<'_>, turn: &mut Turn) -> CapId {
        let Mapper { captures, program, is_in_message } = mapper;
        let mut frame = Frame { captures, input: None, results: Vec::new(), is_in_message };
        let mut out = Payload::empty();
        let mapped = self.nested(NESTING_OF_MAP, |session| {
            session.run_map(&value, program, &mut frame, &mut out, turn)
        });
        self.release_caps(&value, turn);
        for node in frame.captures.into_iter().chain(frame.input).chain(frame.results) {
            self.release_cap(node, turn);
        }
        match mapped {
            Ok(()) => self.value_node(out),
            Err(error) => {
                self.release_caps(&out, turn);
                self.graph.insert(State::Failed(error))
            }
        }
    }

    fn run_map(
        &mut self,
        value: &Payload<Cap>,
        program: View<'_>,
        frame: &mut Frame,
        out: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let mut tape = Tape::default();
        self.charge(value.text().len().saturating_add(program.raw().len()))?;
        tape.parse(value.text(), usize::MAX)?;
        let view = tape.view(value.text());
        if view.kind() == Kind::Null || view.raw() == UNDEFINED {
            out.written().push_str(view.raw());
            return Ok(());
        }
        let array = view.escaped_array();
        let is_empty = array.is_some_and(|array| array.elements().next().is_none());
        let Some(program) = Program::of(program, &self.limits) else {
            if is_empty {
                out.written().push_str("[[]]");
                return Ok(());
            }
            return Err(RpcError::error("Invalid empty mapper function."));
        };
        let Some(array) = array else {
            return self.run_once(Input { value, view }, &program, frame, out, turn);
        };
        out.written().push_str("[[");
        for (index, view) in array.elements().enumerate() {
            if index > 0 {
                out.written().push(',');
            }
            self.run_once(Input { value, view }, &program, frame, out, turn)?;
        }
        out.written().push_str("]]");
        Ok(())
    }

    /// Runs the instructions for one input; the last one gives the output.
    fn run_once(
        &mut self,
        input: Input<'_>,
        program: &Program<'_>,
        frame: &mut Frame,
        out: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        for step in &program.steps {
            self.charge_map_step(step.view.raw().len())?;
            let result = self.run_step(step, input, frame, turn)?;
            frame.results.push(result);
        }
        let Step { view, plan } = &program.output;
        self.charge_map_step(view.raw().len())?;
        if let Plan::Value(template) = plan {
            self.fill_template(template, input, frame, out, turn)?;
        } else {
            self.need_input(input, frame);
            let scope = Scope::Map(frame);
            let output = self.evaluate(*view, scope, AROUND_INSTRUCTIONS, turn)?;
            out.push_payload(&output, |cap| *cap);
        }
        for node in frame.input.take().into_iter().chain(frame.results.drain(..)) {
            self.release_cap(node, turn);
        }
        Ok(())
    }

    /// Runs an instruction; gives the node of its result.
    fn run_step(
        &mut self,
        step: &Step<'_>,
        input: Input<'_>,
        frame: &mut Frame,
        turn: &mut Turn,
    ) -> Evaluated<CapId> {
        let Plan::Call { on, method, arguments } = &step.plan else {
            self.need_input(input, frame);
            return self.evaluate_node(step.view, Scope::Map(frame), AROUND_INSTRUCTIONS, turn);
        };
        if *on == 0 {
            self.need_input(input, frame);
        }
        let on = self.lookup(*on, Scope::Map(frame))?;
        let mut list = Payload::empty();
        if let Err(error) = self.fill_template(arguments, input, frame, &mut list, turn) {
            self.release_caps(&list, turn);
            return Err(error);
        }
        let span = frame.is_in_message.then_some(method.span);
        let method = Member { name: method.name.into(), span };
        Ok(self.call_method(on, method, Wanted::CallOwned(list), turn))
    }

    /// Makes a node for the input of a map, if there is none.
    fn need_input(&mut self, input: Input<'_>, frame: &mut Frame) {
        if frame.input.is_some() {
            return;
        }
        let value = part(input.value, input.view.start(), input.view.end());
        self.retain_caps(&value);
        frame.input = Some(self.value_node(value));
    }

    /// Appends a template with the values of its variables, as far as they are there.
    fn fill_template(
        &mut self,
        template: &Template<'_>,
        input: Input<'_>,
        frame: &mut Frame,
        out: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let around = Around { start: out.text().len(), levels: template.levels };
        for (text, variable) in &template.pieces {
            out.written().push_str(text);
            if self.write_input(variable, input, around, out) {
                continue;
            }
            if variable.id == 0 {
                self.need_input(input, frame);
            }
            let on = self.lookup(variable.id, Scope::Map(frame))?;
            let parts = variable.path.clone();
            let route = Route { parts, is_in_message: frame.is_in_message };
            let node = self.dispatch(on, route, Wanted::Get, turn);
            let is_promise = variable.is_promise;
            let cap = if is_promise { Cap::Promise(node) } else { self.stub_of(node, turn) };
            self.fill(out, cap, around, turn);
        }
        out.written().push_str(template.rest);
        Ok(())
    }

    /// Appends the input of a map or a property of it, if no node is needed for that.
    fn write_input(
        &mut self,
        variable: &Variable<'_>,
        Input { value, view }: Input<'_>,
        around: Around,
        out: &mut Payload<Cap>,
    ) -> bool {
        if variable.id != 0 || !variable.is_promise || value.has_caps() {
            return false;
        }
        // All of it may be read on the way to a property.
        let room = self.room_to_copy();
        let read = view.raw().len();
        if read > room {
            return false;
        }
        let Some(found) = follow_plainly(view, variable.path.clone()) else { return false };
        let text = found.raw();
        let charged = read.saturating_add(text.len());
        if charged > room || !self.fits(out, text, around) {
            return false;
        }
        self.copied_bytes = self.copied_bytes.saturating_add(charged);
        out.written().push_str(text);
        true
    }

    #[cold]
    #[inline(never)]
    fn refuse_map(&mut self, mapper: Mapper<'_>, error: RpcError, turn: &mut Turn) -> CapId {
        self.release_captures(mapper, turn);
        self.graph.insert(State::Failed(error))
    }

    #[inline(never)]
    fn release_captures(&mut self, mapper: Mapper<'_>, turn: &mut Turn) {
        for capture in mapper.captures {
            self.release_cap(capture, turn);
        }
    }
}

/// How many nested calls a nested map counts as: what it takes of the stack.
const NESTING_OF_MAP: usize = 2;

const UNDEFINED: &str = r#"["undefined"]"#;
