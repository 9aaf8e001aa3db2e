use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::{Rc, Weak};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use topsail_core::__private::{encode_arguments, invoke_typed};
use topsail_core::{RawStub, RpcError, RpcStub, Untyped};

use super::hub::Hub;
use super::live::{Live, Subscription};
use super::session::SessionKey;

/// Objects of clients that a Durable Object calls when something happens, for as long as the
/// clients are connected. They are saved with the sessions of their clients, and so outlive the
/// object's memory; when a client's socket closes, its subscriptions end.
///
/// ```no_run
/// use topsail::prelude::*;
/// use topsail::Subscribers;
///
/// # fn example(context: topsail::ObjectContext, listener: RpcStub) -> Result<(), RpcError> {
/// let listeners: Subscribers = context.subscribers("listeners");
/// let id = listeners.add(listener)?;
/// listeners.broadcast(("hello",))?;
/// assert_eq!(listeners.len(), 1);
/// listeners.remove(id);
/// # Ok(())
/// # }
/// ```
pub struct Subscribers<T: ?Sized = Untyped> {
    hub: Weak<Hub>,
    group: Rc<str>,
    object: PhantomData<fn() -> Box<T>>,
}

/// The name of one subscription, unique in its object. It can be part of a durable target's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SubscriberId {
    session: SessionKey,
    number: u32,
}

/// Text without a meaning to others, for a column of a database; it can be parsed again.
impl fmt::Display for SubscriberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.session, self.number)
    }
}

impl FromStr for SubscriberId {
    type Err = RpcError;

    fn from_str(text: &str) -> Result<Self, RpcError> {
        let parts = text.split_once('-').and_then(|(session, number)| {
            Some((SessionKey::from_str_radix(session, 16).ok()?, number.parse().ok()?))
        });
        let (session, number) =
            parts.ok_or_else(|| RpcError::type_error("not the name of a subscription"))?;
        Ok(SubscriberId { session, number })
    }
}

impl<T: ?Sized> Subscribers<T> {
    pub(super) fn new(hub: &Rc<Hub>, group: Rc<str>) -> Self {
        Subscribers { hub: Rc::downgrade(hub), group, object: PhantomData }
    }

    /// Subscribes an object of a client. It is kept until it is [removed](Self::remove) or its
    /// client leaves; the stub may be dropped.
    ///
    /// # Errors
    ///
    /// A `TypeError` if it is not an object of a client on a WebSocket of this Durable Object: an
    /// HTTP batch has ended before there is anything to tell its client.
    pub fn add(&self, stub: RpcStub<T>) -> Result<SubscriberId, RpcError> {
        let stub = stub.into_raw();
        let hub = self.hub.upgrade().ok_or_else(foreign)?;
        let live = hub.session_of(&stub).ok_or_else(foreign)?;
        let mut subscriptions = live.subscriptions.borrow_mut();
        let number = subscriptions.next;
        subscriptions.next += 1;
        let (group, delivered) = (Box::from(&*self.group), Cell::new(0));
        subscriptions.all.push(Subscription { number, group, delivered, stub });
        live.wake();
        Ok(SubscriberId { session: live.key(), number })
    }

    /// Ends a subscription. False if it has ended already.
    pub fn remove(&self, id: SubscriberId) -> bool {
        let live = self.hub.upgrade().and_then(|hub| hub.find(id.session));
        let Some(live) = live else { return false };
        let mut subscriptions = live.subscriptions.borrow_mut();
        let at = subscriptions.all.iter().position(|one| self.is(one, id.number));
        let removed = at.map(|at| subscriptions.all.remove(at));
        drop(subscriptions);
        let is_removed = removed.is_some();
        drop(removed);
        // Not for nothing: a target may do this whenever it is saved, which follows from it.
        if is_removed {
            live.wake();
        }
        is_removed
    }

    /// How often a subscriber was called. `None` if its subscription has ended.
    pub fn delivered(&self, id: SubscriberId) -> Option<u64> {
        let live = self.hub.upgrade()?.find(id.session)?;
        let subscriptions = live.subscriptions.borrow();
        let found = subscriptions.all.iter().find(|one| self.is(one, id.number));
        found.map(|one| one.delivered.get())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let sessions = self.hub.upgrade().map(|hub| hub.all()).unwrap_or_default();
        let count = |live: &Rc<Live>| {
            let subscriptions = live.subscriptions.borrow();
            subscriptions.all.iter().filter(|one| *one.group == *self.group).count()
        };
        sessions.iter().map(count).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls every subscriber as a function, and waits for none: a client that is slow or gone
    /// holds up nobody. `arguments` is a tuple, array or slice.
    ///
    /// # Errors
    ///
    /// If the arguments cannot be encoded; then nobody is called.
    pub fn broadcast(&self, arguments: impl Serialize) -> Result<(), RpcError> {
        let arguments = encode_arguments(&arguments)?;
        self.for_each(|_, stub| drop(invoke_typed::<()>(&stub, Ok(arguments.clone()))));
        Ok(())
    }

    /// Calls a function for every subscriber, which may call it: `stub` is dropped behind it, and
    /// a promise that it does not keep is not awaited. Counts as a delivery.
    pub fn for_each(&self, mut call: impl FnMut(SubscriberId, RpcStub<T>)) {
        let sessions = self.hub.upgrade().map(|hub| hub.all()).unwrap_or_default();
        for live in sessions {
            for (id, stub) in self.of(&live) {
                call(id, RpcStub::from_raw(stub));
            }
        }
    }

    /// The stubs of a session that are subscribed here, counted as called.
    fn of(&self, live: &Live) -> Vec<(SubscriberId, RawStub)> {
        let subscriptions = live.subscriptions.borrow();
        let own = subscriptions.all.iter().filter(|one| *one.group == *self.group);
        own.map(|one| {
            one.delivered.set(one.delivered.get() + 1);
            (SubscriberId { session: live.key(), number: one.number }, one.stub.clone())
        })
        .collect()
    }

    fn is(&self, subscription: &Subscription, number: u32) -> bool {
        subscription.number == number && *subscription.group == *self.group
    }
}

impl<T: ?Sized> Clone for Subscribers<T> {
    fn clone(&self) -> Self {
        Subscribers {
            hub: Weak::clone(&self.hub),
            group: Rc::clone(&self.group),
            object: PhantomData,
        }
    }
}

#[cold]
fn foreign() -> RpcError {
    RpcError::type_error(
        "only an object of a client on a WebSocket of this Durable Object can be subscribed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_text() {
        for id in [(0, 0), (u64::MAX >> 11, u32::MAX), (7, 1)] {
            let id = SubscriberId { session: id.0, number: id.1 };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "-", "1", "x-1", "1-", "1-x", "1-4294967296", "1-1-1"] {
            assert!(text.parse::<SubscriberId>().is_err(), "{text}");
        }
    }
}
