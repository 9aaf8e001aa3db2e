//! JSON text: a tape over a borrowed message, and the writing of scalars.
//!
//! The tape is our own because the protocol needs what a value tree cannot give: where in the text
//! each value stands, so that a value is forwarded by copying its bytes. Escapes and numbers are
//! our own because those of `serde_json` and the standard library take 30 KB of a compressed Wasm
//! module: their tables do not compress. `ryu` prints doubles, with small tables,
//! and `itoa` integers.

mod copy;
mod escape;
mod fraction;
mod number;
mod plain;
mod scanner;
mod tape;
mod view;
mod write;

pub(crate) use copy::append;
pub(crate) use plain::{lines, plain_prefix};
pub use tape::{Kind, SyntaxError, Tape};
pub use view::{Elements, Members, View};
pub(crate) use write::write_key;
pub use write::{write_f32, write_f64, write_i64, write_str, write_u64};
