use std::rc::Rc;
use std::time::Duration;

use topsail::prelude::*;
use topsail::{Host, Outgoing, RpcSession, SessionStats};
use wasm_bindgen_futures::spawn_local;
use worker::Delay;

#[cfg(feature = "beyond")]
use crate::ends::Ends;

use super::{Member, Message, Room, Subscription};

/// The main object of the room's sessions.
pub(crate) struct RoomApi {
    room: Host<Room>,
    session: RpcSession,
}

impl RoomApi {
    pub(super) fn new(room: Rc<Room>, session: RpcSession) -> Self {
        RoomApi { room: room.into(), session }
    }
}

#[rpc_target]
impl RoomApi {
    pub fn boot_id(&self) -> String {
        self.room.boot_id.clone()
    }

    pub fn post(&self, text: String) -> Result<u32, RpcError> {
        self.room.post(text)
    }

    pub fn history(&self) -> Result<Vec<Message>, RpcError> {
        self.room.history()
    }

    pub fn subscribe(&self, callback: RpcStub) -> Result<Subscription, RpcError> {
        Subscription::new(self.room.clone(), callback)
    }

    pub fn subscribers(&self) -> usize {
        self.room.subscribers.len()
    }

    pub fn login(&self, name: String) -> Member {
        Member::new(self.room.clone(), name)
    }

    pub fn volatile(&self) -> Volatile {
        Volatile
    }

    pub async fn sleep(&self, ms: u32) -> u32 {
        Delay::from(Duration::from_millis(ms.into())).await;
        ms
    }

    pub fn echo(&self, value: Outgoing) -> Outgoing {
        value
    }

    /// Ends of streams that go by scripts.
    #[cfg(feature = "beyond")]
    pub fn ends(&self) -> Ends {
        Ends
    }

    pub fn panic(&self) {
        panic!("panic");
    }

    pub fn call_later(&self, callback: RpcStub, ms: u32) {
        spawn_local(async move {
            Delay::from(Duration::from_millis(ms.into())).await;
            // Whoever called has left meanwhile, or it arrives.
            let _ = callback.invoke::<Outgoing>(("later",)).await;
        });
    }

    pub fn stats(&self) -> SessionStats {
        self.session.stats()
    }
}

/// An object that does not outlive memory.
pub(crate) struct Volatile;

#[rpc_target]
impl Volatile {
    pub fn ping(&self) -> &'static str {
        "pong"
    }
}
