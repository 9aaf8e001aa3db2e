use std::rc::Rc;

use super::buffers::CallBuffers;
use super::contain::contain;
use super::inner::PeerInner;
use super::pull::Pull;
use super::table::Entry;
use super::target::BoundMethod;
use super::{Answer, Arguments, Outgoing, Property, RawStub, RpcTarget, blob, slots};
use crate::json::{Tape, View};
use crate::proto::{Call, Message, Path, TargetId};
use crate::{Payload, RpcError, codec, refusal};

impl PeerInner {
    /// Makes a call of a turn, and settles it if it is ready.
    pub(super) fn make_call(
        self: &Rc<Self>,
        mut call: Call,
        on: Option<Entry>,
        message: Option<Message<'_>>,
        buffers: &mut CallBuffers,
    ) {
        let target = match on {
            Some(Entry::Target(target)) => target,
            Some(Entry::Promised(target)) => target,
            Some(Entry::Forward(stub)) => return self.forward(&stub, call, message),
            None => {
                let error = self.rewrite(RpcError::error("the target is gone"));
                return self.state.borrow_mut().give_up(call, error);
            }
        };
        if call.has_caps() {
            let state = &mut *self.state.borrow_mut();
            let caps = call.take_caps().into_iter();
            buffers.caps.extend(caps.map(|cap| state.export_cap(self, cap)));
        }
        self.answering.set(Some(call.answer));
        let answer = contain(|| run(self, target, &call, message, buffers));
        self.answering.set(None);
        self.touch(call.target);
        buffers.caps.clear();
        match answer {
            Ok(Answer::Ready(result)) => self.settle(call.answer, result),
            Ok(Answer::Pending(task)) => self.start(&call, task),
            Ok(Answer::Promised(promise)) => {
                self.settle_promised(call.answer, Entry::Promised(promise));
            }
            Ok(Answer::NoSuchMethod) => {
                let name = call.member(message).unwrap_or_default();
                self.settle(call.answer, Err(not_a_function(name)));
            }
            Err(error) => self.settle(call.answer, Err(error)),
        }
    }

    /// Makes a call of another session's stub, to which the arguments go as they are.
    fn forward(self: &Rc<Self>, stub: &RawStub, mut call: Call, message: Option<Message<'_>>) {
        let arguments = self.state.borrow_mut().export(self, call.take_arguments(message));
        let path = call.member(message).map_or_else(Path::new, Path::of);
        self.answering.set(Some(call.answer));
        let promise = if call.is_get() { stub.get(&path) } else { stub.call(&path, Ok(arguments)) };
        self.answering.set(None);
        self.settle_promised(call.answer, Entry::Forward(promise));
    }

    pub(super) fn target(&self, id: TargetId) -> Option<Rc<dyn RpcTarget>> {
        match self.state.borrow().targets.get(id)? {
            Entry::Target(target) => Some(Rc::clone(target)),
            Entry::Promised(target) => Some(Rc::clone(target) as Rc<dyn RpcTarget>),
            Entry::Forward(_) => None,
        }
    }
}

/// Makes a call on an object of the application.
fn run(
    peer: &PeerInner,
    target: Rc<dyn RpcTarget>,
    call: &Call,
    message: Option<Message<'_>>,
    buffers: &mut CallBuffers,
) -> Answer {
    let name = call.member(message);
    if call.is_get() {
        return read(target, name.unwrap_or_default());
    }
    let CallBuffers { scratch, holes, caps } = buffers;
    let list = match call.arguments(message, scratch, holes) {
        Ok(list) => list,
        Err(error) => return Answer::Ready(Err(error.into())),
    };
    if blob::may_have_blobs(caps.iter()) && !blob::blobs(list, true, holes).is_empty() {
        let arguments = slots::decoding(caps, || codec::decode_list::<Outgoing>(list, holes));
        let name = name.map(Box::from);
        return match arguments {
            Ok(arguments) => {
                let max_bytes = peer.max_blob_bytes();
                Answer::Pending(Box::pin(run_collected(target, name, arguments, max_bytes)))
            }
            Err(error) => Answer::Ready(Err(error.into())),
        };
    }
    let arguments = Arguments::new(name, list, holes, caps);
    let Some(name) = name else { return target.invoke(arguments) };
    // The method has the only reference besides the table's: it may count them.
    let property = match target.call(name, arguments) {
        Answer::NoSuchMethod => peer.target(call.target).map(|target| target.get(name)),
        answer => return answer,
    };
    match property {
        Some(Property::Value(value)) => call_value(value, name, list, holes, caps),
        _ => Answer::NoSuchMethod,
    }
}

/// Makes a call when the bytes of its blobs are there.
async fn run_collected(
    target: Rc<dyn RpcTarget>,
    name: Option<Box<str>>,
    arguments: Outgoing,
    max_bytes: usize,
) -> Result<Outgoing, RpcError> {
    let arguments = blob::collect(arguments, true, max_bytes).await?;
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
    let arguments = match slots::decoding(caps, || codec::decode_list::<Outgoing>(list, holes)) {
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

#[cold]
fn not_a_function(name: &str) -> RpcError {
    refusal::type_error("'", &refusal::quoted(name), "' is not a function.")
}
