mod bigint;
mod blob;
mod bytes;
mod date;
mod expression;
mod fetch;
mod headers;
mod literal;
#[cfg(not(feature = "peer"))]
mod no_stub;
mod object;
mod undefined;
mod url;
mod value;

pub use self::bigint::BigInt;
pub use self::blob::Blob;
pub use self::bytes::{ByteArray, Bytes, Container};
pub use self::date::Date;
pub use self::expression::Expression;
pub use self::fetch::{Body, Request, Response};
pub use self::headers::Headers;
#[cfg(not(feature = "peer"))]
pub use self::no_stub::NoStub;
#[cfg(feature = "peer")]
pub(crate) use self::object::MemberKey;
pub use self::object::Object;
pub use self::undefined::Undefined;
pub use self::url::Url;
pub use self::value::Value;

// What a capability inside a value is.
#[cfg(not(feature = "peer"))]
use self::no_stub::NoStub as Stub;
#[cfg(feature = "peer")]
use crate::peer::RawStub as Stub;
