//! The Durable Object of the contract: a chat room that sleeps.

mod api;
mod member;
mod messages;
mod subscription;

use std::rc::Rc;

use topsail::prelude::*;
use topsail::{
    Kinds, ObjectContext, RpcDurableObject, RpcSession, Subscribers, fetch_durable_object,
};
use worker::{Env, Result};

use api::RoomApi;
use member::Member;
use messages::{Message, Messages};
use subscription::Subscription;

/// The object. Its messages stand in its storage, its subscribers in their sessions.
pub(crate) struct Room {
    /// Made when the object is: it tells one life from the next.
    boot_id: String,
    messages: Messages,
    subscribers: Subscribers,
}

impl RpcDurableObject for Room {
    type Main = RoomApi;

    fn new(context: ObjectContext) -> Self {
        Room {
            boot_id: js_sys::Math::random().to_bits().to_string(),
            messages: Messages::new(context.state()),
            subscribers: context.subscribers("messages"),
        }
    }

    fn main(self: Rc<Self>, session: RpcSession) -> RoomApi {
        RoomApi::new(self, session)
    }

    fn kinds(kinds: &mut Kinds) {
        kinds.add::<Member>().add::<Subscription>();
    }
}

topsail::durable_object!(Room, native);

impl Room {
    /// Stores a message and delivers it; gives its number.
    fn post(&self, text: String) -> std::result::Result<u32, RpcError> {
        let message = self.messages.add(text)?;
        self.subscribers.broadcast((&message,))?;
        Ok(message.id)
    }

    fn history(&self) -> std::result::Result<Vec<Message>, RpcError> {
        Ok(self.messages.all()?)
    }
}

/// Passes a request on to the room that its path names.
pub(crate) async fn forward(req: &RawRequest, env: &Env, name: &str) -> Result<RawResponse> {
    let name = String::from(js_sys::decode_uri_component(name)?);
    fetch_durable_object(env.durable_object("ROOM")?.get_by_name(&name)?, req).await
}
