use serde::Deserialize;

use super::{FromRpc, RawStub, slots};
use crate::codec::{self, DecodeError};
use crate::json::{Elements, View};
use crate::{RpcError, refusal};

/// The arguments of a call, decoded one after the other, straight from the message.
///
/// Arguments that a method does not take are ignored, as JavaScript does.
pub struct Arguments<'a> {
    method: Option<&'a str>,
    list: View<'a>,
    rest: Elements<'a>,
    /// How many were taken.
    taken: usize,
    /// Tape indexes of the capabilities in the list, ascending.
    holes: &'a [u32],
    caps: &'a mut Vec<RawStub>,
}

impl<'a> Arguments<'a> {
    /// `list` is a plain array; `caps` fill `holes`, in order.
    pub(super) fn new(
        method: Option<&'a str>,
        list: View<'a>,
        holes: &'a [u32],
        caps: &'a mut Vec<RawStub>,
    ) -> Self {
        Arguments { method, list, rest: list.elements(), taken: 0, holes, caps }
    }

    /// How many arguments are left.
    pub fn len(&self) -> usize {
        self.rest.clone().count()
    }

    /// Whether no argument is left.
    pub fn is_empty(&self) -> bool {
        self.rest.clone().next().is_none()
    }

    /// The next argument. An absent one reads as `undefined`, which an `Option` takes as `None`.
    ///
    /// # Errors
    ///
    /// A `TypeError` that names the place if the value does not fit:
    /// `updateUser: argument 0: tags[2]: expected a string, found a number`.
    #[expect(clippy::should_implement_trait, reason = "each argument has a type of its own")]
    pub fn next<T: FromRpc<'a>>(&mut self) -> Result<T, RpcError> {
        let position = self.taken;
        self.taken += 1;
        let (view, holes) = match self.rest.next() {
            Some(view) => (view, self.holes),
            None => (View::nothing(), [].as_slice()),
        };
        slots::decoding(self.caps, || codec::decode(view, holes))
            .map_err(|error| misfit(self.method, position, &error))
    }

    /// All arguments that are left.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn rest<T: FromRpc<'a>>(&mut self) -> Result<Vec<T>, RpcError> {
        let mut all = Vec::new();
        while !self.is_empty() {
            all.push(self.next()?);
        }
        Ok(all)
    }

    /// All arguments, those taken before too, as one list: into [`Outgoing`](super::Outgoing), a
    /// value whose text is a plain array of expressions, as [`RpcStub::call`](super::RpcStub::call)
    /// sends them.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn all<T: Deserialize<'a>>(&mut self) -> Result<T, RpcError> {
        let list = self.list;
        slots::decoding(self.caps, || codec::decode_list(list, self.holes))
            .map_err(|error| misfit(self.method, 0, &error))
    }
}

#[cold]
fn misfit(method: Option<&str>, position: usize, error: &DecodeError) -> RpcError {
    RpcError::type_error(match method {
        Some(method) => format!("{}: argument {position}: {error}", refusal::quoted(method)),
        None => format!("argument {position}: {error}"),
    })
}
