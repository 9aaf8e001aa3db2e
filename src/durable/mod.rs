//! Durable Objects that serve Cap'n Web, and sleep meanwhile.

mod application;
mod context;
mod envelope;
mod host;
mod hub;
mod later;
mod live;
mod object;
mod options;
mod ready;
mod session;
mod storage;
mod subscribers;

pub use application::{Kinds, RpcDurableObject};
pub use context::ObjectContext;
pub use host::Host;
pub use object::Object;
pub use options::{RpcDurableOptions, Unnamed};
pub use session::{RpcSession, SessionStats};
pub use subscribers::{SubscriberId, Subscribers};
