use std::cell::Cell;

use serde::{Deserialize, Serialize, Serializer};
use topsail::prelude::*;
use topsail::{Durable, Host, SubscriberId};

use crate::sleeper::Sleeper;

/// Holds what a durable target may hold.
#[derive(Durable)]
#[durable(kind = "holder")]
pub(crate) struct Holder {
    sleeper: Host<Sleeper>,
    callback: RpcStub,
    next: Option<RpcStub>,
    calls: Cell<u32>,
}

impl Holder {
    pub(crate) fn new(sleeper: Host<Sleeper>, callback: RpcStub, next: Option<RpcStub>) -> Self {
        Holder { sleeper, callback, next, calls: Cell::new(0) }
    }
}

#[rpc_target]
impl Holder {
    /// Calls the client's function, and then the next holder; gives how often.
    pub async fn call(&self, text: String) -> Result<u32, RpcError> {
        self.calls.update(|calls| calls + 1);
        self.callback.invoke::<()>((&text,)).await?;
        if let Some(next) = &self.next {
            next.call::<u32>("call", (text,)).await?;
        }
        Ok(self.calls.get())
    }

    /// Whether the object that it lives in is there.
    pub fn listeners(&self) -> usize {
        self.sleeper.listeners()
    }
}

/// Ends a subscription whenever it is saved.
#[derive(Durable)]
#[durable(kind = "pruner")]
pub(crate) struct Pruner {
    subscription: Pruned,
}

impl Pruner {
    pub(crate) fn new(sleeper: Host<Sleeper>, id: SubscriberId) -> Self {
        Pruner { subscription: Pruned { sleeper, id } }
    }
}

#[rpc_target]
impl Pruner {
    pub fn listeners(&self) -> usize {
        self.subscription.sleeper.listeners()
    }
}

#[derive(Deserialize)]
struct Pruned {
    sleeper: Host<Sleeper>,
    id: SubscriberId,
}

impl Serialize for Pruned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Saved<'a> {
            sleeper: &'a Host<Sleeper>,
            id: SubscriberId,
        }
        self.sleeper.unsubscribe(self.id);
        Saved { sleeper: &self.sleeper, id: self.id }.serialize(serializer)
    }
}

/// A kind that the object does not name.
#[derive(Durable)]
#[durable(kind = "forgotten")]
pub(crate) struct Forgotten {}

#[rpc_target]
impl Forgotten {
    pub fn ping(&self) -> &'static str {
        "pong"
    }
}
