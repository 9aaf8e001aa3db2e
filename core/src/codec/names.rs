//! Names of newtype structs by which a type tells the codec that it is more than its serde shape.
//! Other formats ignore the names and see the content.
//!
//! ```
//! use serde::{Serialize, Serializer};
//! use topsail_core::codec::{encode, names};
//!
//! struct Meeting(f64);
//!
//! impl Serialize for Meeting {
//!     fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
//!         serializer.serialize_newtype_struct(names::DATE, &self.0)
//!     }
//! }
//! let payload = encode(&Meeting(1749342170815.0))?;
//! assert_eq!(payload.text(), r#"["date",1749342170815]"#);
//! # Ok::<(), topsail_core::RpcError>(())
//! ```

/// A capability. Content when encoding: a `u32`, which becomes the [`Token`](super::Token) of a
/// hole. The visitor when decoding gets `visit_u32` with the number of the hole, or, behind serde's
/// buffers, `visit_newtype_struct` with a map of `()` to this number.
pub const STUB: &str = "$topsail::stub";

/// A promise to be resolved before delivery; otherwise like [`STUB`].
pub const PROMISE: &str = "$topsail::promise";

/// A `Date`. Content: milliseconds as a number, or null. The visitor when decoding gets
/// `visit_newtype_struct` with this content.
pub const DATE: &str = "$topsail::date";

/// A `bigint`. Content: its decimal digits as a string. The visitor when decoding gets `visit_str`
/// with them, or `visit_u64` or `visit_i64` for a number.
pub const BIGINT: &str = "$topsail::bigint";

/// A `URL`. Content: its text. The visitor when decoding gets `visit_newtype_struct` with it.
pub const URL: &str = "$topsail::url";

/// A `Headers` object. Content: a plain list of pairs, as a [`LITERAL`]. The visitor when decoding
/// gets `visit_seq` of the pairs.
pub const HEADERS: &str = "$topsail::headers";

/// A `Request`. Content: a tuple of the url and the `init`. The visitor when decoding gets
/// `visit_seq` of both.
pub const REQUEST: &str = "$topsail::request";

/// A `Response`. Content: a tuple of the body and the `init`. The visitor when decoding gets
/// `visit_seq` of both.
pub const RESPONSE: &str = "$topsail::response";

/// A `Blob`. Content: a tuple of its type and a readable stream as a [`STUB`]. The visitor when
/// decoding gets `visit_seq` of both.
pub const BLOB: &str = "$topsail::blob";

/// Bytes with their container. Content: a tuple of the bytes and, except for `Uint8Array`, the
/// container's name. The visitor when decoding gets `visit_seq` of both.
pub const BYTES: &str = "$topsail::bytes";

/// An error. Content: a tuple or struct of kind, message, and optionally stack and [`PROPS`], in
/// that order. The visitor when decoding gets `visit_seq` of these four, the last two as options.
pub const ERROR: &str = "$topsail::error";

/// The props object of an error, as wire text without capabilities.
pub const PROPS: &str = "$topsail::props";

/// `undefined`, told apart from null. The visitor when decoding gets `visit_unit`.
pub const UNDEFINED: &str = "$topsail::undefined";

/// Any value, for decoding. The visitor gets `visit_enum`: the variant is the number of a
/// [`Form`](super::Form), its newtype content is the value again.
pub const VALUE: &str = "$topsail::value";

/// A whole expression as wire text. Content: a sequence that alternates pieces of text and
/// capabilities ([`STUB`]), beginning with text. The visitor when decoding gets `visit_seq` alike.
pub const EXPRESSION: &str = "$topsail::expression";

/// A chunk of a stream, for decoding. The visitor gets `visit_byte_buf` for bytes that came without their
/// text, and otherwise `visit_seq` as for an [`EXPRESSION`].
pub const CHUNK: &str = "$topsail::chunk";

/// An array of the protocol itself, not of the value: it is not escaped. Content: a sequence or
/// tuple, `("headers", …)`. The visitor when decoding gets `visit_seq`.
pub const FORM: &str = "$topsail::form";

/// Literal JSON inside a form: arrays are not escaped, and none is special. The visitor when
/// decoding gets `visit_newtype_struct` with the content.
pub const LITERAL: &str = "$topsail::literal";

/// What is reserved about a name, if anything.
pub(super) fn reserved(name: &'static str) -> Option<&'static str> {
    name.strip_prefix("$topsail::")
}
