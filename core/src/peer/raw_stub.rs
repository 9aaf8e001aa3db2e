use std::fmt;
use std::rc::Rc;

use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use super::inner::PeerInner;
use super::map::{self, Variable};
use super::stream::{Drain, Source};
use super::{Outgoing, RpcTarget, local, slots};
use crate::codec::MemberKey;
use crate::codec::names::{PROMISE, STUB};
use crate::proto::{CapId, Path};
use crate::{Payload, RpcError, Value};

/// A reference to a capability or promise, without the type of what it refers to: what
/// [`RpcStub`](super::RpcStub) and [`RpcPromise`](super::RpcPromise) are made of.
///
/// A clone is one more reference; dropping one gives it back, without sending anything at once.
/// Two are equal if they are of the same object of this process, or are references to the same
/// thing of the same session, and travel alike: as stubs, or as promises.
#[derive(Clone)]
pub struct RawStub {
    pub(super) kind: Kind,
    pub(super) travels: Travels,
}

/// As what a reference travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Travels {
    /// As a stub.
    Stub,
    /// As a promise: the receiver gets what it resolves to.
    Promise,
    /// As a stream to be written to.
    Writable,
    /// As a stream to be read.
    Readable,
}

#[derive(Clone)]
pub(super) enum Kind {
    /// Something that a session knows.
    Session(Reference),
    /// A target of this process that was not sent anywhere yet, or has come back.
    Local(Rc<dyn RpcTarget>),
    /// Every use fails.
    Broken(RpcError),
    /// A value inside a `.map()` that is being recorded.
    Recorded(Variable),
    /// A readable stream of this process that was not sent anywhere yet.
    Source(Rc<Source>),
    /// A readable stream whose bytes are all there: the content of a blob.
    Bytes(Rc<Vec<u8>>),
    /// A writable stream of this process that was not sent anywhere yet.
    Drain(Rc<Drain>),
}

/// One counted reference to a node of a session.
pub(super) struct Reference {
    pub(super) peer: Rc<PeerInner>,
    cap: CapId,
    /// The reference belongs to somebody else now.
    is_given: bool,
}

impl Travels {
    fn name(self) -> &'static str {
        match self {
            Travels::Stub | Travels::Promise => "a stub",
            Travels::Writable => "a writable stream",
            Travels::Readable => "a readable stream",
        }
    }

    /// For who has sent something else: JavaScript sends a stub of what is no stub there.
    fn expected(self) -> &'static str {
        match self {
            Travels::Stub | Travels::Promise => "a stub (a function or an RpcTarget)",
            Travels::Writable | Travels::Readable => self.name(),
        }
    }
}

#[cold]
#[inline(never)]
fn misfit<E: de::Error>(expected: Travels, found: Travels) -> E {
    E::custom(format_args!("expected {}, found {}", expected.expected(), found.name()))
}

impl RawStub {
    pub(super) fn local(target: Rc<dyn RpcTarget>) -> Self {
        RawStub { kind: Kind::Local(target), travels: Travels::Stub }
    }

    pub(super) fn broken(error: RpcError) -> Self {
        RawStub { kind: Kind::Broken(error), travels: Travels::Stub }
    }

    /// The object that it is a stub of, if that lives here.
    pub fn target(&self) -> Option<Rc<dyn RpcTarget>> {
        match self.clone().shorten().kind {
            Kind::Local(target) if !self.is_promise() => Some(target),
            _ => None,
        }
    }

    pub(super) fn recorded(variable: Variable) -> Self {
        RawStub { kind: Kind::Recorded(variable), travels: Travels::Promise }
    }

    /// Takes over a reference.
    pub(super) fn stub(peer: &Rc<PeerInner>, cap: CapId) -> Self {
        RawStub { kind: Kind::Session(Reference::new(peer, cap)), travels: Travels::Stub }
    }

    /// Takes over a reference.
    pub(super) fn promise(peer: &Rc<PeerInner>, cap: CapId) -> Self {
        RawStub::stub(peer, cap).into_promise()
    }

    pub(super) fn into_promise(self) -> Self {
        self.travelling(Travels::Promise)
    }

    pub(super) fn into_stub(self) -> Self {
        self.travelling(Travels::Stub)
    }

    pub(super) fn travelling(mut self, travels: Travels) -> Self {
        self.travels = travels;
        self
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self.travels, Travels::Readable | Travels::Writable)
    }

    pub(super) fn is_promise(&self) -> bool {
        self.travels == Travels::Promise
    }

    /// Calls the method at the path, or with the empty path the thing itself. `arguments` is a
    /// plain array, as [`Arguments::all`](super::Arguments::all) gives. Gives the promise of the
    /// result.
    pub fn call(&self, path: &Path, arguments: Result<Outgoing, RpcError>) -> RawStub {
        let arguments = match arguments {
            Ok(arguments) => arguments,
            Err(error) => return RawStub::broken(error).into_promise(),
        };
        if let Some(recorder) = map::recorder() {
            return recorder.call(self, path, &arguments);
        }
        self.with_reference(|on| on.peer.call(on.cap, path, arguments))
    }

    /// The promise of a property.
    pub fn get(&self, path: &Path) -> RawStub {
        match map::recorder() {
            Some(recorder) => recorder.get(self, path),
            None => self.with_reference(|on| on.peer.get(on.cap, path)),
        }
    }

    /// Ends the call on a target of this side whose promise this is, if it runs: drops what it has, and rejects. For
    /// one that nothing will wake any more.
    pub fn fail_call(&self, why: RpcError) {
        if let Kind::Session(on) = &self.kind {
            on.peer.fail_task(on.cap.answer(), why);
        }
    }

    /// Maps the value with recorded instructions.
    pub(super) fn remap(&self, captures: Vec<RawStub>, instructions: String) -> RawStub {
        self.with_reference(|on| on.peer.map(on.cap, captures, instructions))
    }

    pub(super) fn on_broken(&self, callback: Box<dyn FnOnce(RpcError)>) {
        match &self.kind {
            Kind::Session(on) => {
                on.peer.watch(on.cap, callback);
            }
            Kind::Local(target) => Rc::clone(target).on_broken(callback),
            Kind::Source(_) | Kind::Bytes(_) | Kind::Drain(_) => {}
            Kind::Broken(error) => callback(error.clone()),
            Kind::Recorded(_) => callback(map::outside()),
        }
    }

    /// What it stands for, seen without the sessions it went through: a target of this process,
    /// or the stub that another session forwards to.
    pub(super) fn shorten(self) -> RawStub {
        let Kind::Session(reference) = &self.kind else { return self };
        match reference.peer.own(reference.cap) {
            Some(own) => own.travelling(self.travels),
            None => self,
        }
    }

    /// Whether every use fails, because the session has ended that it belongs to.
    pub(super) fn is_dead(&self) -> bool {
        match &self.kind {
            Kind::Session(on) => on.peer.is_closed(),
            Kind::Broken(_) => true,
            _ => false,
        }
    }

    /// Whether both are the same node of the same session, or the same target.
    pub(super) fn is_same(&self, other: &RawStub) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Session(a), Kind::Session(b)) => Rc::ptr_eq(&a.peer, &b.peer) && a.cap == b.cap,
            (Kind::Local(a), Kind::Local(b)) => Rc::ptr_eq(a, b),
            (Kind::Recorded(a), Kind::Recorded(b)) => a.is_same(b),
            (Kind::Broken(a), Kind::Broken(b)) => a == b,
            (Kind::Source(a), Kind::Source(b)) => Rc::ptr_eq(a, b),
            (Kind::Bytes(a), Kind::Bytes(b)) => a == b,
            (Kind::Drain(a), Kind::Drain(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// The stub of a hole of the value being decoded.
    pub(crate) fn from_hole<E: de::Error>(number: u32) -> Result<Self, E> {
        slots::take(number)
            .ok_or_else(|| E::custom("an RpcStub can only be received in an RPC call or result"))
    }

    /// As a dynamic value.
    pub(crate) fn into_value(self) -> Value {
        match self.travels {
            Travels::Stub | Travels::Promise => Value::Stub(self),
            Travels::Readable => Value::Readable(self),
            Travels::Writable => Value::Writable(self),
        }
    }

    /// Decodes a reference of one kind.
    pub(super) fn decode<'de, D: Deserializer<'de>>(
        deserializer: D,
        expected: Travels,
    ) -> Result<Self, D::Error> {
        let visitor = StubVisitor(expected.expected());
        let raw = deserializer.deserialize_newtype_struct(STUB, visitor)?;
        if raw.travels == expected { Ok(raw) } else { Err(misfit(expected, raw.travels)) }
    }

    /// Runs an operation on a session's node; a target is lent to the local session.
    fn with_reference(&self, run: impl FnOnce(&Reference) -> RawStub) -> RawStub {
        match &self.kind {
            Kind::Session(reference) => run(reference),
            Kind::Local(target) => run(&local::reference(target)),
            Kind::Broken(error) => RawStub::broken(error.clone()).into_promise(),
            Kind::Recorded(_) => RawStub::broken(map::outside()).into_promise(),
            Kind::Source(_) | Kind::Bytes(_) | Kind::Drain(_) => {
                RawStub::broken(RpcError::type_error("a stream is no stub")).into_promise()
            }
        }
    }
}

impl PartialEq for RawStub {
    fn eq(&self, other: &Self) -> bool {
        let is_same =
            self.is_same(other) || self.clone().shorten().is_same(&other.clone().shorten());
        is_same && self.travels == other.travels
    }
}

impl fmt::Debug for RawStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Session(reference) => write!(f, "RawStub({:?})", reference.cap),
            Kind::Local(_) => f.write_str("RawStub(local)"),
            Kind::Broken(error) => write!(f, "RawStub({error:?})"),
            Kind::Recorded(_) => f.write_str("RawStub(recorded)"),
            Kind::Source(_) => f.write_str("RawStub(readable)"),
            Kind::Bytes(bytes) => write!(f, "RawStub({} bytes)", bytes.len()),
            Kind::Drain(_) => f.write_str("RawStub(writable)"),
        }
    }
}

impl Reference {
    /// Takes over a reference.
    pub(super) fn new(peer: &Rc<PeerInner>, cap: CapId) -> Self {
        Reference { peer: Rc::clone(peer), cap, is_given: false }
    }

    pub(super) fn cap(&self) -> CapId {
        self.cap
    }

    /// Gives the reference away.
    pub(super) fn into_cap(mut self) -> CapId {
        self.is_given = true;
        self.cap
    }

    /// Gives the reference back at once, and wakes nobody. For one that is not the last: what would
    /// follow from the last one's end waits for the next turn of its session.
    pub(super) fn give_back(self) -> CapId {
        let peer = Rc::clone(&self.peer);
        let cap = self.into_cap();
        let state = &mut *peer.state.borrow_mut();
        state.session.release(cap, &mut state.turn);
        cap
    }
}

impl Clone for Reference {
    fn clone(&self) -> Self {
        self.peer.retain(self.cap);
        Reference::new(&self.peer, self.cap)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        if !self.is_given {
            self.peer.release_later(self.cap);
        }
    }
}

impl Serialize for RawStub {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let index = slots::put(self.clone()).ok_or_else(|| {
            ser::Error::custom("an RpcStub can only be sent in an RPC call or result")
        })?;
        let name = if self.is_promise() { PROMISE } else { STUB };
        serializer.serialize_newtype_struct(name, &index)
    }
}

impl<'de> Deserialize<'de> for RawStub {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(STUB, StubVisitor("a stub"))
    }
}

/// With the name of what is wanted.
struct StubVisitor(&'static str);

impl<'de> Visitor<'de> for StubVisitor {
    type Value = RawStub;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    /// A [`Decoder`](crate::codec::Decoder) gives this for holes alone; numbers of the peer's are
    /// of other types.
    fn visit_u32<E: de::Error>(self, number: u32) -> Result<RawStub, E> {
        RawStub::from_hole(number)
    }

    /// Serde's buffer of a `Decoder`'s value, or another format.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<RawStub, D::Error> {
        inner.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut hole: A) -> Result<RawStub, A::Error> {
        match hole.next_key()? {
            Some(MemberKey::Hole) => RawStub::from_hole(hole.next_value()?),
            _ => Err(de::Error::invalid_type(Unexpected::Map, &self)),
        }
    }
}

/// A value that is one stub.
impl From<RawStub> for Payload<RawStub> {
    fn from(stub: RawStub) -> Self {
        Payload::from_cap(stub)
    }
}
