mod bigint;
mod bytes;
mod date;
mod expression;
mod object;
mod slot;
mod undefined;
mod url;
mod value;

pub use self::bigint::BigInt;
pub use self::bytes::{ByteArray, Bytes, Container};
pub use self::date::Date;
pub use self::expression::Expression;
pub use self::object::Object;
pub use self::slot::Slot;
pub use self::undefined::Undefined;
pub use self::url::Url;
pub use self::value::Value;
