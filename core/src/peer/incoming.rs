use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::{Outgoing, slots};
use crate::RpcError;
use crate::codec;
use crate::json::{Tape, View};

/// Memory is not kept if it has grown beyond so many values.
const MAX_VALUES: usize = 16 << 10;

thread_local! {
    /// Memory that decoding uses, kept from result to result.
    static TAPE: Cell<Tape> = Cell::default();
}

/// Which part of a value is decoded.
type At = fn(View<'_>) -> View<'_>;

/// Decodes a value, whatever its type.
type Read<'r> = &'r mut dyn FnMut(View<'_>, &[u32]) -> Result<(), codec::DecodeError>;

/// Decodes a value that is all there.
pub(super) fn decode<T: DeserializeOwned>(value: Outgoing) -> Result<T, RpcError> {
    decode_at(value, "result", |root| root)
}

/// Decodes the first element of a plain list.
pub(super) fn decode_first<T: DeserializeOwned>(
    mut list: Outgoing,
    what: &str,
) -> Result<T, RpcError> {
    if let Some(bytes) = list.take_bytes() {
        return codec::decode_alone(bytes).map_err(|error| misfit(what, &error));
    }
    decode_at(list, what, |root| root.elements().next().unwrap_or_default())
}

fn decode_at<T: DeserializeOwned>(value: Outgoing, what: &str, at: At) -> Result<T, RpcError> {
    let mut decoded = None;
    read_at(value, what, at, &mut |view, holes| {
        decoded = Some(codec::decode(view, holes)?);
        Ok(())
    })?;
    decoded.ok_or_else(|| RpcError::type_error("nothing was decoded"))
}

/// Not generic: every type that a call gives would have it.
#[inline(never)]
fn read_at(value: Outgoing, what: &str, at: At, read: Read<'_>) -> Result<(), RpcError> {
    let (mut tape, mut holes) = (TAPE.take(), Vec::new());
    let mut stubs = Vec::new();
    let value = value.map(|stub| stubs.push(stub));
    let decoded = match value.parse(&mut tape, &mut holes) {
        Ok(view) => slots::decoding(&mut stubs, || read(at(view), &holes))
            .map_err(|error| misfit(what, &error)),
        Err(error) => Err(error.into()),
    };
    tape.trim(MAX_VALUES);
    TAPE.set(tape);
    decoded
}

#[cold]
fn misfit(what: &str, error: &codec::DecodeError) -> RpcError {
    RpcError::type_error(format!("{what}: {error}"))
}
