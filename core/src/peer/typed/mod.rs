//! The types around what the macros write: interfaces, the values that fit them, and how a
//! method's return value becomes an answer.

mod interface;
mod into_argument;
mod returned;
mod text;

pub use interface::{Given, Interface, Reply, Serves, Typed, given};
pub use into_argument::{IntoArgument, Remote, push_target};
pub use returned::{IntoRpcError, Return, ReturnValue};
pub use text::Text;
