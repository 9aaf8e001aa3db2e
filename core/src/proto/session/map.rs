//! `.map()`: running a recorded function over a value (protocol page, "remap").

use super::Session;
use super::evaluate::{Evaluated, Frame, Scope};
use crate::json::{Elements, Kind, Tape, View};
use crate::normal::Cuts;
use crate::proto::follow::{Followed, follow};
use crate::proto::graph::{Action, State};
use crate::proto::ids::{Cap, CapId};
use crate::proto::path::Path;
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

/// What to map with: captures, which are references, and the text of the instructions.
#[derive(Debug)]
struct Mapper {
    captures: Vec<CapId>,
    instructions: String,
}

impl Session {
    /// A map that the peer has sent.
    pub(super) fn map_view(
        &mut self,
        on: CapId,
        path: View<'_>,
        captures: Vec<CapId>,
        instructions: View<'_>,
        turn: &mut Turn,
    ) -> CapId {
        let (view, mut instructions) = (instructions, String::new());
        Cuts::white_space(view).copy(&mut instructions, view.text(), view.start()..view.end());
        self.map_parts(on, path.elements(), Mapper { captures, instructions }, turn)
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
        let mut tape = Tape::default();
        let mapper = Mapper { captures, instructions };
        match tape.parse(path.as_text(), 1) {
            Ok(()) => self.map_parts(on, tape.view(path.as_text()).elements(), mapper, turn),
            Err(error) => self.refuse_map(mapper, RpcError::type_error(error.to_string()), turn),
        }
    }

    fn map_parts(
        &mut self,
        on: CapId,
        mut parts: Elements<'_>,
        mapper: Mapper,
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
                    let next = payload.cap(number).map_or(node, |cap| cap.id());
                    node = self.graph.find(next);
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
        mapper: Mapper,
        turn: &mut Turn,
    ) -> CapId {
        let Some(first) = parts.next() else { return self.graph.retain(node) };
        let path = Path::from_parts(std::iter::once(first));
        let property = self.dispatch_owned(node, &path, None, turn);
        let result = self.map_parts(property, parts, mapper, turn);
        self.release_cap(property, turn);
        result
    }

    fn map_unresolved(
        &mut self,
        node: CapId,
        parts: Elements<'_>,
        mapper: Mapper,
        turn: &mut Turn,
    ) -> CapId {
        let path = Path::from_parts(parts);
        match self.graph.state(node) {
            State::Import(import) => {
                let id = import.id;
                self.push_remap(id, &path, mapper.captures, &mapper.instructions, turn)
            }
            State::Pending(_) | State::Promised(_) => {
                let bytes = path.as_text().len() + mapper.instructions.len();
                if let Err(error) = self.admit(bytes) {
                    return self.refuse_map(mapper, error, turn);
                }
                let result = self.graph.insert(State::Pending(Vec::new()));
                self.graph.retain(result);
                let Mapper { captures, instructions } = mapper;
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
    fn map_value(&mut self, value: Payload<Cap>, mapper: Mapper, turn: &mut Turn) -> CapId {
        let mut frame = Frame { captures: mapper.captures, variables: Vec::new() };
        let mut out = Payload::empty();
        let mapped = self.nested(NESTING_OF_MAP, |session| {
            session.run_map(&value, &mapper.instructions, &mut frame, &mut out, turn)
        });
        self.release_caps(&value, turn);
        for node in frame.captures.into_iter().chain(frame.variables) {
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
        instructions: &str,
        frame: &mut Frame,
        out: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let (mut tape, mut program) = (Tape::default(), Tape::default());
        let parse = |tape: &mut Tape, text: &str| {
            tape.parse(text, usize::MAX).map_err(|error| RpcError::type_error(error.to_string()))
        };
        self.charge(value.text().len().saturating_add(instructions.len()))?;
        parse(&mut tape, value.text())?;
        parse(&mut program, instructions)?;
        let (view, program) = (tape.view(value.text()), program.view(instructions));
        if view.kind() == Kind::Null || view.raw() == UNDEFINED {
            out.text_mut().push_str(view.raw());
            return Ok(());
        }
        let Some(array) = view.escaped_array() else {
            return self.run_once(value, view, program, frame, out, turn);
        };
        out.text_mut().push_str("[[");
        for (index, element) in array.elements().enumerate() {
            if index > 0 {
                out.text_mut().push(',');
            }
            self.run_once(value, element, program, frame, out, turn)?;
        }
        out.text_mut().push_str("]]");
        Ok(())
    }

    /// Runs the instructions for one input; the last one gives the output.
    fn run_once(
        &mut self,
        value: &Payload<Cap>,
        input: View<'_>,
        program: View<'_>,
        frame: &mut Frame,
        out: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Evaluated<()> {
        let input = value.slice(input.start(), input.end(), |cap| *cap);
        for cap in input.caps() {
            self.graph.retain_cap(cap);
        }
        let input = self.value_node(input);
        frame.variables.push(input);
        let mut instructions = program.elements();
        let Some(mut instruction) = instructions.next() else {
            return Err(RpcError::error("Invalid empty mapper function."));
        };
        for next in instructions {
            self.charge_map_step(instruction.raw().len())?;
            let node = self.evaluate_node(instruction, Scope::Map(frame), 1, turn)?;
            frame.variables.push(node);
            instruction = next;
        }
        self.charge_map_step(instruction.raw().len())?;
        // An element of the array that the map makes.
        let output = self.evaluate(instruction, Scope::Map(frame), 1, turn)?;
        out.push_payload(&output, |cap| *cap);
        for variable in frame.variables.drain(..) {
            self.release_cap(variable, turn);
        }
        Ok(())
    }

    fn refuse_map(&mut self, mapper: Mapper, error: RpcError, turn: &mut Turn) -> CapId {
        self.release_captures(mapper, turn);
        self.graph.insert(State::Failed(error))
    }

    fn release_captures(&mut self, mapper: Mapper, turn: &mut Turn) {
        for capture in mapper.captures {
            self.release_cap(capture, turn);
        }
    }
}

/// How many nested calls a nested map counts as: what it takes of the stack.
const NESTING_OF_MAP: usize = 2;

const UNDEFINED: &str = r#"["undefined"]"#;
