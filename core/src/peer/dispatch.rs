use std::rc::Rc;

use super::inner::PeerInner;
use super::pull::Pull;
use super::target::BoundMethod;
use super::turn_loop::CallBuffers;
use super::{Answer, Arguments, Outgoing, Property, RawStub, RpcTarget};
use crate::json::SyntaxError;
use crate::proto::{Call, Message, Path};
use crate::{Payload, RpcError};

/// A call, taken out of a turn.
pub(super) struct Job {
    pub(super) call: Call,
    pub(super) on: On,
}

/// What a call is made on, with the arguments' capabilities.
pub(super) enum On {
    /// An object of the application.
    Target(Rc<dyn RpcTarget>, Vec<RawStub>),
    /// Another session's stub, to which the arguments go as they are.
    Forward(RawStub, Outgoing),
    /// It is gone.
    Nothing,
}

impl Job {
    /// Makes the call, and settles it if it is ready.
    pub(super) fn run(
        self,
        peer: &Rc<PeerInner>,
        message: Option<Message<'_>>,
        buffers: &mut CallBuffers,
    ) {
        let call = &self.call;
        let answered = match self.on {
            On::Target(target, caps) => run(target, call, caps, message, buffers),
            On::Forward(stub, arguments) => Ok(forward(&stub, call, arguments, message)),
            On::Nothing => Ok(Answer::Ready(Err(RpcError::error("the target is gone")))),
        };
        let answer = self.call.answer;
        match answered {
            Ok(Answer::Ready(result)) => peer.settle(answer, result),
            Ok(Answer::Pending(task)) => peer.start(answer, task),
            Ok(Answer::NoSuchMethod) => {
                peer.settle(answer, Err(not_a_function(&self.call, message)));
            }
            Err(error) => peer.settle(answer, Err(error.into())),
        }
    }
}

/// Makes a call on an object of the application.
fn run(
    target: Rc<dyn RpcTarget>,
    call: &Call,
    caps: Vec<RawStub>,
    message: Option<Message<'_>>,
    buffers: &mut CallBuffers,
) -> Result<Answer, SyntaxError> {
    let member = call.member(message);
    let name = member.as_deref();
    if call.is_get() {
        return Ok(read(target, name.unwrap_or_default()));
    }
    let CallBuffers { scratch, holes } = buffers;
    let list = call.arguments(message, scratch, holes)?;
    let arguments = Arguments::new(name, list, holes, caps);
    Ok(match name {
        Some(name) => target.call(name, arguments),
        None => target.invoke(arguments),
    })
}

fn read(target: Rc<dyn RpcTarget>, name: &str) -> Answer {
    match Rc::clone(&target).get(name) {
        Property::Value(Answer::NoSuchMethod) | Property::Missing => {
            Answer::Ready(Ok(Payload::default()))
        }
        Property::Value(answer) => answer,
        Property::Method => {
            let method = RawStub::local(Rc::new(BoundMethod::new(target, name)));
            Answer::Ready(Ok(Payload::from_cap(method)))
        }
    }
}

/// Makes a call of another session's stub.
fn forward(
    stub: &RawStub,
    call: &Call,
    arguments: Outgoing,
    message: Option<Message<'_>>,
) -> Answer {
    let member = call.member(message);
    let path = member.as_deref().map_or_else(Path::new, Path::of);
    let promise = if call.is_get() { stub.get(&path) } else { stub.call(&path, Ok(arguments)) };
    Answer::Pending(Box::pin(Pull::new(promise)))
}

#[cold]
fn not_a_function(call: &Call, message: Option<Message<'_>>) -> RpcError {
    let name = call.member(message).unwrap_or_default();
    RpcError::type_error(format!("'{name}' is not a function."))
}
