use serde::Serialize;

use super::{Outgoing, RawStub, slots};
use crate::codec::{self, Token};
use crate::{Payload, RpcError};

/// Encodes a tuple, array or slice as the arguments of a call: a plain array.
pub(super) fn encode<T: Serialize + ?Sized>(arguments: &T) -> Result<Outgoing, RpcError> {
    let mut stubs = Vec::new();
    let payload = slots::encoding(&mut stubs, || codec::encode_arguments(arguments))?;
    Ok(slots::fill(payload, stubs))
}

/// Encodes one argument of a call as the list of all.
pub(super) fn encode_one<T: Serialize + ?Sized>(argument: &T) -> Result<Outgoing, RpcError> {
    let mut stubs = Vec::new();
    let payload = slots::encoding(&mut stubs, || codec::encode_alone(argument))?;
    Ok(slots::fill(payload, stubs))
}

/// The arguments of a call, encoded one after the other.
///
/// ```
/// use topsail_core::__private::ArgumentList;
///
/// let mut arguments = ArgumentList::new();
/// arguments.push(&1);
/// arguments.push("a");
/// assert_eq!(arguments.finish()?.text(), r#"[1,"a"]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Debug)]
pub struct ArgumentList {
    payload: Payload<Token>,
    stubs: Vec<RawStub>,
    error: Option<RpcError>,
}

impl ArgumentList {
    /// No arguments.
    pub fn new() -> Self {
        let payload = Payload::from_text(String::from("["));
        ArgumentList { payload, stubs: Vec::new(), error: None }
    }

    /// One more argument.
    pub fn push<T: ?Sized + Serialize>(&mut self, value: &T) {
        let ArgumentList { payload, stubs, error } = self;
        if error.is_some() {
            return;
        }
        if payload.text().len() > 1 {
            payload.text_mut().push(',');
        }
        *error = slots::encoding(stubs, || codec::encode_into(payload, value)).err();
    }

    /// The list.
    ///
    /// # Errors
    ///
    /// The first one that an argument's `Serialize` reported.
    pub fn finish(mut self) -> Result<Outgoing, RpcError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.payload.text_mut().push(']');
        Ok(slots::fill(self.payload, self.stubs))
    }
}

impl Default for ArgumentList {
    fn default() -> Self {
        ArgumentList::new()
    }
}
