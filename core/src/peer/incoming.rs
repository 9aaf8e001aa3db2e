use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::{Outgoing, slots};
use crate::RpcError;
use crate::codec;
use crate::json::{Tape, View};

thread_local! {
    /// Memory that decoding uses, kept from result to result.
    static TAPE: Cell<Tape> = Cell::default();
}

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

fn decode_at<T: DeserializeOwned>(
    value: Outgoing,
    what: &str,
    at: fn(View<'_>) -> View<'_>,
) -> Result<T, RpcError> {
    let (mut tape, mut holes) = (TAPE.take(), Vec::new());
    let mut stubs = Vec::new();
    let value = value.map(|stub| stubs.push(stub));
    let decoded = match value.parse(&mut tape, &mut holes) {
        Ok(view) => slots::decoding(&mut stubs, || codec::decode(at(view), &holes))
            .map_err(|error| misfit(what, &error)),
        Err(error) => Err(error.into()),
    };
    TAPE.set(tape);
    decoded
}

#[cold]
fn misfit(what: &str, error: &codec::DecodeError) -> RpcError {
    RpcError::type_error(format!("{what}: {error}"))
}
