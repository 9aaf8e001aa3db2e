//! Between Rust values and expressions of the protocol, through serde.
//!
//! | Rust | on the wire |
//! | --- | --- |
//! | `bool`, strings, `char` | JSON |
//! | integers up to ±2^53, floats | JSON numbers, `["nan"]`, `["inf"]`, `["-inf"]` |
//! | other integers; `i128`, `u128` always | `["bigint","…"]` |
//! | `None` | `null` |
//! | `()`, unit structs | `["undefined"]` |
//! | sequences, tuples | `[[…]]` |
//! | structs, maps with simple keys | objects |
//! | enums | `"variant"`, `{"variant":…}` |
//! | [`Date`], [`Bytes`], [`ByteArray`], [`BigInt`], [`Url`], [`RpcError`], [`Undefined`] | their forms |
//! | [`Headers`], [`Request`], [`Response`], [`Blob`] | their forms |
//! | stubs, promises, streams | what stands for a capability |
//!
//! Reading is more lenient: an `Option` is `None` for null, `undefined` and what is missing; an
//! integer may be written `5.0` or be a bigint; bytes may be read as a sequence of numbers; an
//! array or object may hold anything the type ignores. Integer types of at most 32 bits take no
//! bigints: a number can always hold their values. `Option<Option<T>>` does not tell null from
//! `undefined`; [`Value`] and [`Undefined`] do, and what is missing from an object is the default of
//! `#[serde(default)]`. Keys of maps may be strings, integers, booleans, `char`s, and newtypes and
//! enums of these. Types of other crates have modules in [`with`](crate::with).
//!
//! Behind serde's buffers (`flatten`, untagged and internally tagged enums) capabilities, dates,
//! URLs, bigints, errors, headers and bytes still decode into types of their own, but errors without their
//! properties and bytes without the name of their container; requests, responses and blobs are refused
//! there, and serde has no buffer for `i128` and `u128`. As in npm `capnweb` 0.12.0, properties with
//! the names of `Object.prototype`'s own and `toJSON` are skipped.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use topsail_core::codec::{Date, decode, encode};
//! use topsail_core::json::Tape;
//!
//! #[derive(Serialize, Deserialize)]
//! struct User {
//!     name: String,
//!     tags: Vec<String>,
//!     joined: Date,
//! }
//! let text = r#"{"name":"Ada","tags":[["a","b"]],"joined":["date",1749342170815]}"#;
//! let mut tape = Tape::default();
//! tape.parse(text, 256)?;
//! let user: User = decode(tape.view(text), &[])?;
//! assert_eq!(encode(&user)?.text(), text);
//! # Ok::<(), topsail_core::RpcError>(())
//! ```

mod decode;
mod encode;
mod error_form;
pub mod names;
pub(crate) mod text;
mod types;

#[cfg(feature = "peer")]
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::decode::{DecodeError, Decoder, Form};
pub use self::encode::{Compound, EncodeError, Encoder};
#[cfg(feature = "peer")]
pub(crate) use self::types::MemberKey;
#[cfg(not(feature = "peer"))]
pub use self::types::NoStub;
pub use self::types::{
    BigInt, Blob, Body, ByteArray, Bytes, Container, Date, Expression, Headers, Object, Request,
    Response, Undefined, Url, Value,
};
use crate::json::View;
use crate::{Payload, RpcError};

/// What fills a hole of an encoded value: the index that the capability's `Serialize` gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u32);

/// The deepest nesting of arrays and objects that is sent: receivers refuse more (npm `capnweb`
/// 0.12.0).
const MAX_LEVELS: usize = 256;

/// Encodes a value.
///
/// ```
/// let payload = topsail_core::codec::encode(&(1, "two", f64::INFINITY))?;
/// assert_eq!(payload.text(), r#"[[1,"two",["inf"]]]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
///
/// # Errors
///
/// A `TypeError` if a map's key is not a string, number or boolean, if the value is nested deeper
/// than 256 levels, or if its `Serialize` fails.
pub fn encode<T: ?Sized + Serialize>(value: &T) -> Result<Payload<Token>, RpcError> {
    encode_by(&|encoder| value.serialize(encoder))
}

/// Writes a value, whatever its type.
pub(crate) type Write<'w> = dyn Fn(&mut Encoder<'_>) -> Result<(), EncodeError> + 'w;

pub(crate) fn encode_by(write: &Write<'_>) -> Result<Payload<Token>, RpcError> {
    let mut payload = Payload::empty();
    write(&mut Encoder::new(&mut payload)).map_err(EncodeError::into_rpc_error)?;
    Ok(payload)
}

/// Appends a value to a payload.
///
/// # Errors
///
/// As [`encode`]. A part of the value may then have been appended.
pub fn encode_into<T: ?Sized + Serialize>(
    payload: &mut Payload<Token>,
    value: &T,
) -> Result<(), RpcError> {
    value.serialize(&mut Encoder::new(payload)).map_err(EncodeError::into_rpc_error)
}

/// Encodes the arguments of a call: a tuple, array or sequence as a plain array. `()` is none.
///
/// ```
/// let payload = topsail_core::codec::encode_arguments(&("a", [1, 2]))?;
/// assert_eq!(payload.text(), r#"["a",[[1,2]]]"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
///
/// # Errors
///
/// As [`encode`], and if the value is something else.
pub fn encode_arguments<T: ?Sized + Serialize>(value: &T) -> Result<Payload<Token>, RpcError> {
    let mut payload = Payload::empty();
    let mut encoder = Encoder::list(&mut payload);
    let result = value.serialize(&mut encoder).and_then(|()| encoder.finish_list());
    result.map_err(EncodeError::into_rpc_error)?;
    Ok(payload)
}

/// Encodes a list of one value.
#[cfg(feature = "peer")]
pub(crate) fn encode_alone<T: ?Sized + Serialize>(value: &T) -> Result<Payload<Token>, RpcError> {
    let mut payload = Payload::from_text(String::from("["));
    value.serialize(&mut Encoder::alone(&mut payload)).map_err(EncodeError::into_rpc_error)?;
    if !payload.is_bytes() {
        payload.text_mut().push(']');
    }
    Ok(payload)
}

/// Decodes a value of a parsed message. `holes` are the tape indexes of its capabilities,
/// ascending.
///
/// # Errors
///
/// If the value does not fit the type.
pub fn decode<'a, T: Deserialize<'a>>(view: View<'a>, holes: &'a [u32]) -> Result<T, DecodeError> {
    T::deserialize(decode::Source::new(view, holes).decoder())
}

/// As [`decode`], of a plain list of values, into a type that keeps its text.
#[cfg(feature = "peer")]
pub(crate) fn decode_list<'a, T: Deserialize<'a>>(
    list: View<'a>,
    holes: &'a [u32],
) -> Result<T, DecodeError> {
    T::deserialize(decode::Source::list(list, holes).decoder())
}

/// Decodes a value that is not there, as an argument that was omitted: it reads as `undefined`.
///
/// # Errors
///
/// If the type has no value for that.
pub fn decode_absent<'a, T: Deserialize<'a>>() -> Result<T, DecodeError> {
    decode(View::nothing(), &[])
}

/// Decodes bytes that are the only element of a list.
#[cfg(feature = "peer")]
pub(crate) fn decode_alone<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, DecodeError> {
    T::deserialize(decode::Alone::new(bytes, &mut decode::Memory::default()))
}
