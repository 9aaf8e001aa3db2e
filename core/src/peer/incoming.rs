use std::cell::Cell;

use serde::de::DeserializeOwned;

use super::{Outgoing, slots};
use crate::RpcError;
use crate::codec;
use crate::json::Tape;

thread_local! {
    /// Memory that decoding uses, kept from result to result.
    static TAPE: Cell<Tape> = Cell::default();
}

/// Decodes a value that is all there.
pub(super) fn decode<T: DeserializeOwned>(value: Outgoing) -> Result<T, RpcError> {
    let (mut tape, mut holes) = (TAPE.take(), Vec::new());
    let mut stubs = Vec::new();
    let value = value.map(|stub| stubs.push(stub));
    let decoded = match value.parse(&mut tape, &mut holes) {
        Ok(view) => slots::decoding(&mut stubs, || codec::decode(view, &holes)).map_err(misfit),
        Err(error) => Err(error.into()),
    };
    TAPE.set(tape);
    decoded
}

#[cold]
fn misfit(error: codec::DecodeError) -> RpcError {
    RpcError::type_error(format!("result: {error}"))
}
