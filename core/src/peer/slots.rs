//! How stubs ride through serde, which knows numbers only: while a value is encoded or decoded,
//! its stubs stand in a list of the thread, and the serializer carries their places in it.

use std::cell::Cell;
use std::marker::PhantomData;

use serde::Serialize;

use super::{Outgoing, RawStub};
use crate::codec::{self, Token};
use crate::{Payload, RpcError};

/// A longer list is not kept.
const MOST_SPARE: usize = 64;

type Slots = Cell<Option<Vec<RawStub>>>;

thread_local! {
    static ENCODING: Slots = const { Cell::new(None) };
    static DECODING: Slots = const { Cell::new(None) };
    /// An empty list for the next value with stubs, with its memory.
    static SPARE: Cell<Vec<RawStub>> = const { Cell::new(Vec::new()) };
}

/// Encodes a value with the stubs in it.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Outgoing, RpcError> {
    encode_by(&|encoder| value.serialize(encoder))
}

/// Not generic: every type that a method returns would have it.
#[inline(never)]
fn encode_by(write: &codec::Write<'_>) -> Result<Outgoing, RpcError> {
    let mut stubs = Vec::new();
    let payload = encoding(&mut stubs, || codec::encode_by(write))?;
    Ok(fill(payload, stubs))
}

/// Runs code that encodes; what it calls [`put`] with is appended to the list.
pub(super) fn encoding<R>(stubs: &mut Vec<RawStub>, run: impl FnOnce() -> R) -> R {
    let _armed = Armed::<Encoding>::new(stubs);
    run()
}

/// Runs code that decodes and may [`take`] from the list.
pub(super) fn decoding<R>(stubs: &mut Vec<RawStub>, run: impl FnOnce() -> R) -> R {
    let _armed = (!stubs.is_empty()).then(|| Armed::<Decoding>::new(stubs));
    // Called in one place, which is all that decodes a type.
    run()
}

/// Replaces the numbers in an encoded value by the stubs that have them.
pub(super) fn fill(payload: Payload<Token>, mut stubs: Vec<RawStub>) -> Outgoing {
    if stubs.capacity() == 0 {
        // Nothing to drop, which would take a call.
        std::mem::forget(stubs);
        return payload.map(|_| lost());
    }
    if stubs.len() > 1 {
        return fill_many(payload, stubs);
    }
    let filled = payload.map(|Token(token)| match token {
        FIRST_TOKEN => stubs.pop().unwrap_or_else(lost),
        _ => lost(),
    });
    keep(stubs);
    filled
}

#[inline(never)]
fn fill_many(payload: Payload<Token>, stubs: Vec<RawStub>) -> Outgoing {
    let mut stubs: Vec<_> = stubs.into_iter().map(Some).collect();
    payload.map(|Token(token)| {
        let index = token.checked_sub(FIRST_TOKEN);
        let stub = index.and_then(|index| stubs.get_mut(index as usize)?.take());
        stub.unwrap_or_else(lost)
    })
}

/// Keeps the memory of a list for the next one.
#[inline(never)]
fn keep(mut stubs: Vec<RawStub>) {
    stubs.clear();
    if stubs.capacity() <= MOST_SPARE {
        SPARE.set(stubs);
    }
}

#[cold]
fn lost() -> RawStub {
    RawStub::broken(RpcError::type_error(LOST))
}

/// Gives a stub to the value being encoded. None outside of [`encoding`].
pub(super) fn put(stub: RawStub) -> Option<u32> {
    let mut slots = ENCODING.take()?;
    if slots.capacity() == 0 {
        slots = SPARE.take();
    }
    let token = u32::try_from(slots.len()).ok().and_then(|index| FIRST_TOKEN.checked_add(index));
    slots.extend(token.map(|_| stub));
    ENCODING.set(Some(slots));
    token
}

/// Above all numbers of holes, which a type may have decoded under `codec::names::STUB` and encode
/// again: such a number shall not pass for a stub.
const FIRST_TOKEN: u32 = 1 << 31;

const LOST: &str = "the number of a capability is not the capability: receive it as an RpcStub";

/// A stub of the value being decoded. It may be asked for more than once: serde tries the
/// variants of an untagged enum in turn.
pub(super) fn take(index: u32) -> Option<RawStub> {
    let slots = DECODING.take();
    let stub = slots.as_ref().and_then(|slots| slots.get(index as usize).cloned());
    DECODING.set(slots);
    stub
}

/// While it lives the list is the thread's.
struct Armed<'a, L: List> {
    stubs: &'a mut Vec<RawStub>,
    outer: Option<Vec<RawStub>>,
    _list: PhantomData<L>,
}

impl<'a, L: List> Armed<'a, L> {
    #[inline]
    fn new(stubs: &'a mut Vec<RawStub>) -> Self {
        let outer = L::replace(Some(std::mem::take(stubs)));
        Armed { stubs, outer, _list: PhantomData }
    }
}

impl<L: List> Drop for Armed<'_, L> {
    #[inline]
    fn drop(&mut self) {
        let used = L::replace(self.outer.take());
        // It was empty: nothing is dropped.
        std::mem::forget(std::mem::replace(self.stubs, used.unwrap_or_default()));
    }
}

/// One of the thread's lists. Not a reference to its key, through which it would be found by a call.
trait List {
    fn replace(list: Option<Vec<RawStub>>) -> Option<Vec<RawStub>>;
}

struct Encoding;
struct Decoding;

impl List for Encoding {
    #[inline]
    fn replace(list: Option<Vec<RawStub>>) -> Option<Vec<RawStub>> {
        ENCODING.replace(list)
    }
}

impl List for Decoding {
    #[inline(never)]
    fn replace(list: Option<Vec<RawStub>>) -> Option<Vec<RawStub>> {
        DECODING.replace(list)
    }
}
