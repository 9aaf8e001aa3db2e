use std::any::Any;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use topsail_core::{Durable, Outgoing, RpcError, RpcTarget, revive};
use worker::Result;

use super::host::reviving;
use super::{ObjectContext, RpcDurableOptions, RpcSession};
use crate::request::{RawRequest, RawResponse};

/// A Durable Object that serves Cap'n Web on hibernating WebSockets and over HTTP batch.
///
/// The object is made when it starts and anew whenever it wakes; `durable_object!(Type)` makes it a
/// class for `wrangler.toml`. Sessions, durable targets ([`Durable`]) and [`Subscribers`]
/// outlive its memory, and no method is run again because of it.
///
/// ```no_run
/// use std::rc::Rc;
/// use topsail::prelude::*;
/// use topsail::{Host, ObjectContext, RpcDurableObject, RpcSession, Subscribers};
///
/// struct Room {
///     listeners: Subscribers,
/// }
///
/// impl RpcDurableObject for Room {
///     type Main = Api;
///
///     fn new(context: ObjectContext) -> Self {
///         Room { listeners: context.subscribers("listeners") }
///     }
///
///     fn main(self: Rc<Self>, _session: RpcSession) -> Api {
///         Api { room: self.into() }
///     }
/// }
///
/// struct Api {
///     room: Host<Room>,
/// }
///
/// #[rpc_target]
/// impl Api {
///     pub fn listen(&self, listener: RpcStub) -> Result<(), RpcError> {
///         self.room.listeners.add(listener)?;
///         Ok(())
///     }
///     pub fn say(&self, text: String) -> Result<(), RpcError> {
///         self.room.listeners.broadcast((text,))
///     }
/// }
///
/// topsail::durable_object!(Room);
/// # fn main() {}
/// ```
///
/// [`Subscribers`]: super::Subscribers
pub trait RpcDurableObject: Sized + 'static {
    /// The main object of the object's sessions.
    type Main: RpcTarget;

    /// Makes the object, when it starts and whenever it wakes.
    fn new(context: ObjectContext) -> Self;

    /// Makes the main object of a session that opens or wakes. It has no state of its own to
    /// outlive memory: that stands in this object's storage and in durable targets.
    fn main(self: Rc<Self>, session: RpcSession) -> Self::Main;

    /// Names the durable targets that the object can revive. One that is missing here pins.
    fn kinds(_kinds: &mut Kinds) {}

    /// How sessions are served.
    fn options(&self) -> RpcDurableOptions {
        RpcDurableOptions::new()
    }

    /// Answers a request. By default all of them are for Cap'n Web; an application with routes of
    /// its own passes on those that are. A [`RawRequest`] becomes a [`worker::Request`] by `into()`, and
    /// a [`worker::Response`] a [`RawResponse`].
    ///
    /// # Errors
    ///
    /// As the application has it; by default those of [`ObjectContext::respond`].
    fn fetch(
        self: Rc<Self>,
        req: RawRequest,
        context: ObjectContext,
    ) -> impl Future<Output = Result<RawResponse>> {
        async move { context.respond(req).await }
    }

    /// A session has ended, with its socket or by an abort of either side: its subscriptions have ended,
    /// and what the client held is dropped next; behind an abort it is already. Called once. (A destructor is no place for what has to be done then and only then:
    /// destructors also run when the memory of an object that has slept is cleared.)
    fn session_closed(self: Rc<Self>, _session: RpcSession) {}

    /// Runs when an alarm is due that the application has set.
    ///
    /// # Errors
    ///
    /// As the application has it. The runtime then tries again.
    fn alarm(self: Rc<Self>) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }
}

/// Makes a durable target of a kind from its state.
type ReviveKind = fn(Outgoing) -> std::result::Result<Rc<dyn RpcTarget>, RpcError>;

/// The types of durable targets that an object can revive.
#[derive(Default)]
pub struct Kinds(Vec<(&'static str, ReviveKind)>);

impl Kinds {
    /// Adds a type. Of two with one kind the first counts.
    pub fn add<T: Durable>(&mut self) -> &mut Self {
        self.0.push((T::KIND, revive::<T>));
        self
    }

    fn find(&self, kind: &str) -> Option<ReviveKind> {
        self.0.iter().find(|(known, _)| *known == kind).map(|&(_, revive)| revive)
    }
}

/// An object of the application, whatever its type.
pub(super) trait Application {
    fn main(&self, session: RpcSession) -> Rc<dyn RpcTarget>;

    fn revive(
        &self,
        kind: &str,
        state: Outgoing,
    ) -> std::result::Result<Rc<dyn RpcTarget>, RpcError>;

    fn options(&self) -> RpcDurableOptions;

    fn fetch(
        &self,
        req: RawRequest,
        context: ObjectContext,
    ) -> LocalBoxFuture<'static, Result<RawResponse>>;

    fn session_closed(&self, session: RpcSession);

    fn alarm(&self) -> LocalBoxFuture<'static, Result<()>>;
}

/// An [`Application`] of a type.
pub(super) struct Typed<T> {
    object: Rc<T>,
    kinds: Kinds,
}

impl<T: RpcDurableObject> Typed<T> {
    pub(super) fn new(context: ObjectContext) -> Self {
        let mut kinds = Kinds::default();
        T::kinds(&mut kinds);
        Typed { object: Rc::new(T::new(context)), kinds }
    }
}

impl<T: RpcDurableObject> Application for Typed<T> {
    fn main(&self, session: RpcSession) -> Rc<dyn RpcTarget> {
        Rc::new(Rc::clone(&self.object).main(session))
    }

    fn revive(
        &self,
        kind: &str,
        state: Outgoing,
    ) -> std::result::Result<Rc<dyn RpcTarget>, RpcError> {
        let revive = self.kinds.find(kind).ok_or_else(|| unknown_kind(kind))?;
        let object: Rc<dyn Any> = Rc::clone(&self.object) as _;
        reviving(object, || revive(state))
    }

    fn options(&self) -> RpcDurableOptions {
        self.object.options()
    }

    fn fetch(
        &self,
        req: RawRequest,
        context: ObjectContext,
    ) -> LocalBoxFuture<'static, Result<RawResponse>> {
        Box::pin(Rc::clone(&self.object).fetch(req, context))
    }

    fn session_closed(&self, session: RpcSession) {
        Rc::clone(&self.object).session_closed(session);
    }

    fn alarm(&self) -> LocalBoxFuture<'static, Result<()>> {
        Box::pin(Rc::clone(&self.object).alarm())
    }
}

#[cold]
fn unknown_kind(kind: &str) -> RpcError {
    RpcError::type_error(format!("the server has no durable objects of the kind `{kind}` any more"))
}
