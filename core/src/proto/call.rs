use super::copy::{Place, copy};
use super::ids::{AnswerId, Cap, TargetId};
use super::message::{Message, Span};
use crate::Payload;
use crate::json::{SyntaxError, Tape, View};
use crate::normal::Cuts;

/// A call on one of the caller's targets, to be run and settled.
#[derive(Debug)]
pub struct Call {
    /// Where the result goes.
    pub answer: AnswerId,
    /// The target.
    pub target: TargetId,
    operation: Operation,
    /// They are the caller's now, even where the operation still lists them.
    are_caps_taken: bool,
}

/// What is to be done with the target.
#[derive(Debug)]
pub(super) enum Operation {
    /// Read a property.
    Get(Name),
    /// Call a method, or the target itself as a function.
    Call(Option<Name>, Arguments),
}

/// The name of a property or method.
#[derive(Debug)]
pub(super) enum Name {
    /// Spelled in the message.
    InMessage(Span),
    /// Kept.
    Owned(Box<str>),
}

/// The arguments of a call.
#[derive(Debug)]
pub(super) enum Arguments {
    /// Written in the message at this tape index; the capabilities with theirs, ascending.
    InMessage { at: u32, caps: Vec<(u32, Cap)> },
    /// Kept: a payload whose text is a plain array.
    Owned(Payload<Cap>),
}

impl Call {
    pub(super) fn new(answer: AnswerId, target: TargetId, operation: Operation) -> Self {
        Call { answer, target, operation, are_caps_taken: false }
    }

    /// Whether a property is read. Otherwise something is called.
    pub fn is_get(&self) -> bool {
        matches!(self.operation, Operation::Get(_))
    }

    /// The name of the property or method; none when the target itself is called as a function.
    pub fn member<'a>(&'a self, message: Option<Message<'a>>) -> Option<&'a str> {
        let name = match &self.operation {
            Operation::Get(name) | Operation::Call(Some(name), _) => name,
            Operation::Call(None, _) => return None,
        };
        match name {
            Name::InMessage(span) => Some(message?.string(*span)),
            Name::Owned(name) => Some(name),
        }
    }

    /// Takes the capabilities of the arguments out, in order. None is a [`Cap::Promise`], and all are
    /// the caller's to release. A second time there are none.
    pub fn take_caps(&mut self) -> Vec<Cap> {
        if std::mem::replace(&mut self.are_caps_taken, true) {
            return Vec::new();
        }
        match &mut self.operation {
            Operation::Get(_) => Vec::new(),
            // They stay, for their places.
            Operation::Call(_, Arguments::InMessage { caps, .. }) => {
                caps.iter().map(|&(_, cap)| cap).collect()
            }
            Operation::Call(_, Arguments::Owned(payload)) => payload.caps().copied().collect(),
        }
    }

    /// Whether there are capabilities in the arguments.
    pub fn has_caps(&self) -> bool {
        match &self.operation {
            Operation::Get(_) => false,
            Operation::Call(_, Arguments::InMessage { caps, .. }) => !caps.is_empty(),
            Operation::Call(_, Arguments::Owned(payload)) => payload.has_caps(),
        }
    }

    /// The arguments: an array, and the tape indexes of the capabilities in it, in the order of
    /// [`take_caps`](Self::take_caps), which may be called before. `scratch` holds them where
    /// they do not stand in the message.
    ///
    /// # Errors
    ///
    /// If values that were put in place of promises make them nest too deep.
    pub fn arguments<'a>(
        &'a self,
        message: Option<Message<'a>>,
        scratch: &'a mut Tape,
        holes: &mut Vec<u32>,
    ) -> Result<View<'a>, SyntaxError> {
        holes.clear();
        match &self.operation {
            Operation::Call(_, Arguments::InMessage { at, caps }) => {
                holes.extend(caps.iter().map(|(index, _)| index));
                Ok(message.map(|message| message.root.at(*at)).unwrap_or_default())
            }
            Operation::Call(_, Arguments::Owned(payload)) => payload.parse(scratch, holes),
            Operation::Get(_) => Ok(View::default()),
        }
    }

    /// The arguments as a payload, a plain array, with the capabilities.
    pub fn take_arguments(&mut self, message: Option<Message<'_>>) -> Payload<Cap> {
        if let Some(message) = message {
            self.detach(message);
        }
        match &mut self.operation {
            Operation::Call(_, Arguments::Owned(payload)) => {
                std::mem::replace(payload, Payload::from_text(String::from("[]")))
            }
            _ => Payload::from_text(String::from("[]")),
        }
    }

    /// Makes the call independent of the message that caused it.
    pub fn detach(&mut self, message: Message<'_>) {
        let (name, arguments) = match &mut self.operation {
            Operation::Get(name) => (Some(name), None),
            Operation::Call(name, arguments) => (name.as_mut(), Some(arguments)),
        };
        if let Some(name) = name
            && let Name::InMessage(span) = *name
        {
            *name = Name::Owned(message.string(span).into());
        }
        if let Some(arguments) = arguments {
            arguments.detach(message);
        }
    }
}

impl Arguments {
    pub(super) fn none() -> Self {
        Arguments::Owned(Payload::from_text(String::from("[]")))
    }

    fn detach(&mut self, message: Message<'_>) {
        if let Arguments::InMessage { at, caps } = self {
            let view = message.root.at(*at);
            let holes = std::mem::take(caps).into_iter().map(|(index, cap)| {
                let hole = view.at(index);
                (hole.start()..hole.end(), cap)
            });
            let payload = copy(view, &Cuts::of_list(view), holes, |place, cap| {
                if let Place::Hole(out) = place {
                    out.push_cap(cap);
                }
            });
            *self = Arguments::Owned(payload);
        }
    }
}
