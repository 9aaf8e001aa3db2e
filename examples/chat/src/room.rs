use std::rc::Rc;

use topsail::prelude::*;
use topsail::{
    Durable, Host, Kinds, ObjectContext, RpcDurableObject, RpcSession, SubscriberId, Subscribers,
};

use crate::store::{Message, Store};

/// What a client's page can be told.
#[rpc_interface]
pub(crate) trait Page {
    /// Somebody has said something.
    fn message(&self, message: Message);
    /// These are here now.
    fn members(&self, names: Vec<String>);
}

/// The room. What has been said stands in its storage, who listens in their sessions.
pub(crate) struct Room {
    store: Store,
    pages: Subscribers<dyn Page>,
}

impl RpcDurableObject for Room {
    type Main = Door;

    fn new(context: ObjectContext) -> Self {
        Room { store: Store::new(&context), pages: context.subscribers("pages") }
    }

    fn main(self: Rc<Self>, _session: RpcSession) -> Door {
        Door { room: self.into() }
    }

    fn kinds(kinds: &mut Kinds) {
        kinds.add::<Member>();
    }

    fn session_closed(self: Rc<Self>, _session: RpcSession) {
        // A room that cannot tell who is left will tell at the next occasion.
        let _ = self.announce_members();
    }
}

topsail::durable_object!(Room);

impl Room {
    fn say(&self, name: &str, text: &str) -> Result<(), RpcError> {
        let message = self.store.add(name, text)?;
        self.pages.for_each(|_, page| drop(page.message(message.clone())));
        Ok(())
    }

    /// Those whose pages still listen. The others are forgotten.
    fn members(&self) -> Result<Vec<String>, RpcError> {
        let (here, gone): (Vec<_>, Vec<_>) = self
            .store
            .members()?
            .into_iter()
            .partition(|member| self.pages.delivered(member.page).is_some());
        gone.iter().try_for_each(|member| self.store.remove_member(member.page))?;
        Ok(here.into_iter().map(|member| member.name).collect())
    }

    fn announce_members(&self) -> Result<(), RpcError> {
        let names = self.members()?;
        self.pages.for_each(|_, page| drop(page.members(names.clone())));
        Ok(())
    }
}

/// What everybody gets who connects.
pub(crate) struct Door {
    room: Host<Room>,
}

#[rpc_target]
impl Door {
    /// What was said last, the oldest first.
    pub fn history(&self) -> Result<Vec<Message>, RpcError> {
        self.room.store.messages()
    }

    /// Lets somebody in, and keeps their page informed.
    pub fn join(&self, name: String, page: RpcStub<dyn Page>) -> Result<Member, RpcError> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 40 {
            return Err(RpcError::range_error("a name has 1 to 40 characters"));
        }
        let page = self.room.pages.add(page)?;
        self.room.store.add_member(&name, page)?;
        self.room.announce_members()?;
        Ok(Member { room: self.room.clone(), name, page })
    }
}

/// Somebody in the room.
#[derive(Durable)]
#[durable(kind = "member")]
pub(crate) struct Member {
    room: Host<Room>,
    name: String,
    page: SubscriberId,
}

#[rpc_target]
impl Member {
    /// Says something to all.
    pub fn say(&self, text: &str) -> Result<(), RpcError> {
        match text.trim() {
            "" => Ok(()),
            text if text.len() > 4_000 => Err(RpcError::range_error("that is too long")),
            text => self.room.say(&self.name, text),
        }
    }

    /// Goes.
    pub fn leave(&self) -> Result<(), RpcError> {
        self.room.pages.remove(self.page);
        self.room.announce_members()
    }
}
