//! Targets, stubs, promises and running methods around a [`Session`](crate::proto::Session), with
//! `Rc` and futures. No runtime, no clock.

mod argument_list;
mod arguments;
mod at_once;
mod blob;
mod body;
mod buffers;
mod contain;
mod dispatch;
mod durable;
mod foreign;
mod from_rpc;
mod function;
mod handle;
mod hibernate;
mod incoming;
mod inner;
mod into_rpc;
mod local;
#[doc(hidden)]
pub mod macros_support;
mod map;
mod note;
mod outgoing;
mod promise;
mod pull;
mod raw_stub;
mod setting;
mod settle;
mod signal;
mod slots;
mod stream;
mod stub;
mod table;
mod target;
mod tasks;
mod transport;
mod turn_loop;
mod typed;
mod value;
mod watch;

pub use arguments::Arguments;
pub use at_once::AtOnce;
pub use durable::{Durable, DurableTarget, revive};
pub use from_rpc::FromRpc;
pub use function::{
    Apply, FromArguments, function, function_async, try_function, try_function_async,
};
pub use handle::{Peer, RpcSessionOptions};
pub use hibernate::{Loss, Revive};
pub use into_rpc::IntoRpc;
pub use local::set_spawner;
pub use promise::RpcPromise;
pub use raw_stub::RawStub;
pub use settle::Settle;
pub use stream::{RawChunk, RpcReadable, RpcWritable, rpc_pipe, set_clock};
pub use stub::{IntoTarget, RpcStub, Untyped};
pub use target::{Answer, Outgoing, PromisedTarget, Property, RpcTarget};
pub use transport::Transport;
pub use typed::{Interface, IntoArgument, Serves};
