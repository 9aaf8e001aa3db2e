use std::rc::Rc;

use super::contain::contain;
use super::inner::PeerInner;
use super::pull::Pull;
use super::table::Entry;
use super::target::BoundMethod;
use super::turn_loop::CallBuffers;
use super::{Answer, Arguments, Outgoing, Property, RawStub, RpcTarget, blob, slots};
use crate::json::{SyntaxError, Tape, View};
use crate::proto::{Call, Message, Path, TargetId};
use crate::{Payload, RpcError, codec};

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
        let (call, answer) = (&self.call, self.call.answer);
        peer.answering.set(Some(answer));
        let answered = match self.on {
            On::Target(target, caps) => contain(|| run(peer, target, call, caps, message, buffers))
                .unwrap_or_else(|error| Ok(Answer::Ready(Err(error)))),
            On::Forward(stub, arguments) => {
                let promise = forward(&stub, call, arguments, message);
                peer.answering.set(None);
                return peer.settle_promised(answer, Entry::Forward(promise));
            }
            On::Nothing => Ok(Answer::Ready(Err(RpcError::error("the target is gone")))),
        };
        peer.answering.set(None);
        match answered {
            Ok(Answer::Ready(result)) => peer.settle(answer, result),
            Ok(Answer::Pending(task)) => peer.start(answer, task),
            Ok(Answer::Promised(promise)) => {
                peer.settle_promised(answer, Entry::Promised(promise));
            }
            Ok(Answer::NoSuchMethod) => {
                let name = self.call.member(message).unwrap_or_default();
                peer.settle(answer, Err(not_a_function(name)));
            }
            Err(error) => peer.settle(answer, Err(error.into())),
        }
    }
}

/// Makes a call on an object of the application.
fn run(
    peer: &PeerInner,
    target: Rc<dyn RpcTarget>,
    call: &Call,
    mut caps: Vec<RawStub>,
    message: Option<Message<'_>>,
    buffers: &mut CallBuffers,
) -> Result<Answer, SyntaxError> {
    let name = call.member(message);
    if call.is_get() {
        return Ok(read(target, name.unwrap_or_default()));
    }
    let CallBuffers { scratch, holes } = buffers;
    let list = call.arguments(message, scratch, holes)?;
    if blob::may_have_blobs(caps.iter()) && !blob::blobs(list, holes).is_empty() {
        let arguments = slots::decoding(&mut caps, || codec::decode::<Outgoing>(list, holes));
        let name = name.map(Box::from);
        return Ok(match arguments {
            Ok(arguments) => {
                let max_bytes = peer.max_blob_bytes();
                Answer::Pending(Box::pin(run_collected(target, name, arguments, max_bytes)))
            }
            Err(error) => Answer::Ready(Err(error.into())),
        });
    }
    let arguments = Arguments::new(name, list, holes, &mut caps);
    let Some(name) = name else { return Ok(target.invoke(arguments)) };
    // The method has the only reference besides the table's: it may count them.
    let property = match target.call(name, arguments) {
        Answer::NoSuchMethod => peer.target(call.target).map(|target| target.get(name)),
        answer => return Ok(answer),
    };
    Ok(match property {
        Some(Property::Value(value)) => call_value(value, name, list, holes, &mut caps),
        _ => Answer::NoSuchMethod,
    })
}

/// Makes a call when the bytes of its blobs are there.
async fn run_collected(
    target: Rc<dyn RpcTarget>,
    name: Option<Box<str>>,
    arguments: Outgoing,
    max_bytes: usize,
) -> Result<Outgoing, RpcError> {
    let arguments = blob::collect(arguments, max_bytes).await?;
    let answer = {
        let (mut tape, mut holes, mut caps) = (Tape::default(), Vec::new(), Vec::new());
        let arguments = arguments.map(|cap| caps.push(cap));
        let list = arguments.parse(&mut tape, &mut holes)?;
        let arguments = Arguments::new(name.as_deref(), list, &holes, &mut caps);
        match name.as_deref() {
            None => target.invoke(arguments),
            Some(name) => match Rc::clone(&target).call(name, arguments) {
                Answer::NoSuchMethod => match target.get(name) {
                    Property::Value(value) => call_value(value, name, list, &holes, &mut caps),
                    _ => Answer::NoSuchMethod,
                },
                answer => answer,
            },
        }
    };
    match answer {
        Answer::Ready(result) => result,
        Answer::Pending(task) => task.await,
        Answer::Promised(promise) => promise.resolve().await,
        Answer::NoSuchMethod => Err(not_a_function(name.as_deref().unwrap_or_default())),
    }
}

/// Calls the value of a property.
fn call_value(
    value: Answer,
    name: &str,
    list: View<'_>,
    holes: &[u32],
    caps: &mut Vec<RawStub>,
) -> Answer {
    let arguments = match slots::decoding(caps, || codec::decode::<Outgoing>(list, holes)) {
        Ok(arguments) => arguments,
        Err(error) => return Answer::Ready(Err(error.into())),
    };
    let name: Box<str> = name.into();
    Answer::Pending(Box::pin(async move {
        let mut value = match value {
            Answer::Ready(value) => value?,
            Answer::Pending(value) => value.await?,
            Answer::Promised(promise) => promise.resolve().await?,
            Answer::NoSuchMethod => return Err(not_a_function(&name)),
        };
        if let Some(promise) = value.as_cap().filter(|stub| stub.is_promise()) {
            value = Pull::new(promise.clone()).await?;
        }
        match value.as_cap() {
            Some(function) => Pull::new(function.call(&Path::new(), Ok(arguments))).await,
            None => Err(not_a_function(&name)),
        }
    }))
}

impl PeerInner {
    fn target(&self, id: TargetId) -> Option<Rc<dyn RpcTarget>> {
        match self.state.borrow().targets.get(id)? {
            Entry::Target(target) => Some(Rc::clone(target)),
            Entry::Promised(_) | Entry::Forward(_) => None,
        }
    }
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
) -> RawStub {
    let path = call.member(message).map_or_else(Path::new, Path::of);
    if call.is_get() { stub.get(&path) } else { stub.call(&path, Ok(arguments)) }
}

#[cold]
fn not_a_function(name: &str) -> RpcError {
    RpcError::type_error(format!("'{name}' is not a function."))
}
