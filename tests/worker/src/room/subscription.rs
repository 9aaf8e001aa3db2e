use topsail::prelude::*;
use topsail::{Durable, Host, SubscriberId};

use super::Room;

/// A function of a client that hears of messages.
#[derive(Durable)]
#[durable(kind = "subscription")]
pub(crate) struct Subscription {
    room: Host<Room>,
    id: SubscriberId,
}

impl Subscription {
    pub(super) fn new(room: Host<Room>, callback: RpcStub) -> Result<Self, RpcError> {
        let id = room.subscribers.add(callback)?;
        Ok(Subscription { room, id })
    }
}

#[rpc_target]
impl Subscription {
    pub fn cancel(&self) {
        self.room.subscribers.remove(self.id);
    }

    #[rpc(get)]
    pub fn delivered(&self) -> u64 {
        self.room.subscribers.delivered(self.id).unwrap_or_default()
    }
}
