//! The recording of a `.map()`: the function runs once, on a placeholder, and what it does with
//! it and with other stubs becomes the instructions of a `remap` expression (protocol page).

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;

use super::{Outgoing, RawStub, raw_stub::Kind, slots};
use crate::RpcError;
use crate::json::write_i64;
use crate::proto::Path;

thread_local! {
    /// The recordings that are going on, innermost last.
    static RECORDERS: RefCell<Vec<Active>> = const { RefCell::new(Vec::new()) };
}

/// The recording of one function.
pub(super) struct Recorder {
    /// The recording around it, whose variables it may capture.
    parent: Option<Rc<Recorder>>,
    recording: RefCell<Recording>,
}

#[derive(Default)]
struct Recording {
    /// Stubs from outside, and for a nested recording what they are in the one around it.
    captures: Vec<(RawStub, isize)>,
    /// The instructions so far, comma separated.
    instructions: String,
    count: isize,
    error: Option<RpcError>,
}

/// A value of a recording: 0 is the function's input, 1 and up the results of instructions.
#[derive(Clone)]
pub(super) struct Variable {
    recorder: Rc<Recorder>,
    index: isize,
}

/// A recording that is going on, and what it does. By reference, so that a program that records
/// nothing does not have to bring the code for it.
#[derive(Clone)]
pub(super) struct Active {
    recorder: Rc<Recorder>,
    call: fn(&Rc<Recorder>, &RawStub, &Path, &Outgoing) -> RawStub,
    get: fn(&Rc<Recorder>, &RawStub, &Path) -> RawStub,
}

impl Active {
    /// Records a call.
    pub(super) fn call(&self, on: &RawStub, path: &Path, list: &Outgoing) -> RawStub {
        (self.call)(&self.recorder, on, path, list)
    }

    /// Records the reading of a property.
    pub(super) fn get(&self, on: &RawStub, path: &Path) -> RawStub {
        (self.get)(&self.recorder, on, path)
    }
}

/// The recording that is going on.
pub(super) fn recorder() -> Option<Active> {
    RECORDERS.with_borrow(|recorders| recorders.last().cloned())
}

/// What becomes of a placeholder outside of its function.
#[cold]
pub(super) fn outside() -> RpcError {
    RpcError::error(
        "a value inside a map function is a placeholder: \
         it cannot be awaited, and not be used outside of the function",
    )
}

/// Records a function and maps a value with it.
pub(super) fn map<O: Serialize>(subject: &RawStub, function: impl FnOnce(RawStub) -> O) -> RawStub {
    let parent = recorder().map(|active| active.recorder);
    let recorder = Rc::new(Recorder { parent, recording: RefCell::default() });
    let going_on = GoingOn::new(&recorder);
    let result = slots::encode(&function(recorder.variable(0)));
    let finished = result.and_then(|result| recorder.finish(&result));
    drop(going_on);
    match finished {
        Err(error) => RawStub::broken(error).into_promise(),
        Ok(recording) => match &recorder.parent {
            Some(parent) => parent.remap(subject, recording),
            None => {
                let captures = recording.captures.into_iter().map(|(stub, _)| stub).collect();
                subject.remap(captures, format!("[{}]", recording.instructions))
            }
        },
    }
}

/// While it lives the recording goes on.
struct GoingOn;

impl GoingOn {
    fn new(recorder: &Rc<Recorder>) -> Self {
        let recorder = Rc::clone(recorder);
        let active = Active { recorder, call: Recorder::call, get: Recorder::get };
        RECORDERS.with_borrow_mut(|recorders| recorders.push(active));
        GoingOn
    }
}

impl Drop for GoingOn {
    fn drop(&mut self) {
        let ended = RECORDERS.with_borrow_mut(Vec::pop);
        drop(ended);
    }
}

impl Recorder {
    fn call(self: &Rc<Self>, on: &RawStub, path: &Path, list: &Outgoing) -> RawStub {
        let instruction = self.index_of(on).map(|index| {
            let mut text = pipeline(index, path);
            text.push(',');
            self.write(&mut text, list).map(|()| text + "]")
        });
        self.push(instruction.and_then(|instruction| instruction))
    }

    fn get(self: &Rc<Self>, on: &RawStub, path: &Path) -> RawStub {
        self.push(self.index_of(on).map(|index| pipeline(index, path) + "]"))
    }

    /// Records a nested map.
    fn remap(self: &Rc<Self>, subject: &RawStub, nested: Recording) -> RawStub {
        let instruction = self.index_of(subject).map(|index| {
            let mut text = String::from("[\"remap\",");
            write_i64(&mut text, index as i64);
            text.push_str(",[],[");
            for (number, (_, outer)) in nested.captures.iter().enumerate() {
                text.push_str(if number == 0 { "[\"import\"," } else { ",[\"import\"," });
                write_i64(&mut text, *outer as i64);
                text.push(']');
            }
            text.push_str("],[");
            text.push_str(&nested.instructions);
            text + "]]"
        });
        self.push(instruction)
    }

    /// The end of the function: its result is the last instruction.
    fn finish(self: &Rc<Self>, result: &Outgoing) -> Result<Recording, RpcError> {
        let mut text = String::new();
        self.write(&mut text, result)?;
        let mut recording = self.recording.take();
        recording.push(&text);
        recording.error.take().map_or(Ok(recording), Err)
    }

    fn variable(self: &Rc<Self>, index: isize) -> RawStub {
        RawStub::recorded(Variable { recorder: Rc::clone(self), index })
    }

    fn push(self: &Rc<Self>, instruction: Result<String, RpcError>) -> RawStub {
        match instruction {
            Ok(text) => self.variable(self.recording.borrow_mut().push(&text)),
            Err(error) => {
                self.recording.borrow_mut().error = Some(error.clone());
                RawStub::broken(error).into_promise()
            }
        }
    }

    /// Writes a value whose stubs are variables and captures.
    fn write(&self, out: &mut String, value: &Outgoing) -> Result<(), RpcError> {
        for (piece, stub) in value.pieces() {
            out.push_str(piece);
            let Some(stub) = stub else { continue };
            let index = self.index_of(stub)?;
            out.push_str(if stub.is_promise() { "[\"pipeline\"," } else { "[\"import\"," });
            write_i64(out, index as i64);
            out.push(']');
        }
        Ok(())
    }

    /// The number of a variable, or of a stub from outside, which is then captured.
    fn index_of(&self, stub: &RawStub) -> Result<isize, RpcError> {
        if let Kind::Recorded(variable) = &stub.kind
            && std::ptr::eq(Rc::as_ptr(&variable.recorder), self)
        {
            return Ok(variable.index);
        }
        let outer = match (&self.parent, &stub.kind) {
            (Some(parent), _) => parent.index_of(stub)?,
            (None, Kind::Recorded(_)) => return Err(outside()),
            (None, Kind::Broken(error)) => return Err(error.clone()),
            _ if stub.is_stream() => return Err(RpcError::type_error(STREAM)),
            (None, _) => 0,
        };
        Ok(self.recording.borrow_mut().capture(stub, outer))
    }
}

impl Recording {
    fn push(&mut self, instruction: &str) -> isize {
        if self.count > 0 {
            self.instructions.push(',');
        }
        self.instructions.push_str(instruction);
        self.count += 1;
        self.count
    }

    /// The number of a capture: -1 is the first.
    fn capture(&mut self, stub: &RawStub, outer: isize) -> isize {
        let same = |(known, _): &(RawStub, isize)| known.is_same(stub);
        let index = self.captures.iter().position(same).unwrap_or_else(|| {
            self.captures.push((stub.clone(), outer));
            self.captures.len() - 1
        });
        -1 - index as isize
    }
}

impl Variable {
    pub(super) fn is_same(&self, other: &Variable) -> bool {
        Rc::ptr_eq(&self.recorder, &other.recorder) && self.index == other.index
    }
}

const STREAM: &str = "a map function cannot capture a stream";

/// `["pipeline",index,path`, to be continued.
fn pipeline(index: isize, path: &Path) -> String {
    let mut text = String::from("[\"pipeline\",");
    write_i64(&mut text, index as i64);
    text.push(',');
    text.push_str(path.as_text());
    text
}
