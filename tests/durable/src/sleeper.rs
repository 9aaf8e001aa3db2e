use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use topsail::prelude::*;
use topsail::{
    Host, Kinds, ObjectContext, RpcDurableObject, RpcDurableOptions, RpcSession, SessionStats,
    SubscriberId, Subscribers, Unnamed, native,
};
use worker::js_sys::Promise;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader};
use worker::{Response, Result};

use crate::failures;
use crate::holder::{Forgotten, Holder, Pruner};

/// An object that sleeps whatever its clients hold.
pub(crate) struct Sleeper {
    context: ObjectContext,
    listeners: Subscribers,
    left: Cell<u32>,
    /// A client's function, for others.
    lent: RefCell<Option<RpcStub>>,
    borrowers: RefCell<Vec<RpcStub>>,
}

impl RpcDurableObject for Sleeper {
    type Main = Api;

    fn new(context: ObjectContext) -> Self {
        let listeners = context.subscribers("listeners");
        Sleeper {
            context,
            listeners,
            left: Cell::new(0),
            lent: RefCell::default(),
            borrowers: RefCell::default(),
        }
    }

    fn main(self: Rc<Self>, session: RpcSession) -> Api {
        Api { sleeper: self.into(), session, kept: RefCell::default() }
    }

    // `Forgotten` is missing: an object of a kind that the application had once.
    fn kinds(kinds: &mut Kinds) {
        kinds.add::<Holder>().add::<Pruner>();
    }

    fn options(&self) -> RpcDurableOptions {
        RpcDurableOptions::new().unnamed(Unnamed::Break)
    }

    async fn fetch(self: Rc<Self>, req: RawRequest, context: ObjectContext) -> Result<RawResponse> {
        let req = worker::Request::from(req);
        let response = match req.path().as_str() {
            "/sockets" => {
                let tagged = context.state().get_websockets_with_tag("guests").len();
                Response::ok(format!("{tagged} tagged, {} left", self.left.get()))
            }
            "/call" => {
                self.call("request");
                Response::ok("called")
            }
            "/guest" => context.respond_with_tags(req, &["guests"]).await,
            path if path.starts_with("/error/") => Err(failures::failure(path)),
            _ => context.respond(req).await,
        };
        response.map(RawResponse::from)
    }

    async fn alarm(self: Rc<Self>) -> Result<()> {
        self.call("alarm");
        Ok(())
    }

    fn session_closed(self: Rc<Self>, _session: RpcSession) {
        self.left.update(|left| left + 1);
    }
}

topsail::durable_object!(Sleeper);

impl Sleeper {
    /// Calls all listeners. Waits for nobody's answer, but has somebody who does.
    fn call(&self, by: &str) {
        self.listeners.for_each(|_, listener| {
            let answer = listener.invoke::<()>((by,));
            spawn_local(async { drop(answer.await) });
        });
    }

    pub(crate) fn listeners(&self) -> usize {
        self.listeners.len()
    }

    pub(crate) fn unsubscribe(&self, id: SubscriberId) {
        self.listeners.remove(id);
    }
}

/// The main object.
pub(crate) struct Api {
    sleeper: Host<Sleeper>,
    session: RpcSession,
    kept: RefCell<Option<RpcStub>>,
}

#[rpc_target]
impl Api {
    pub fn stats(&self) -> SessionStats {
        self.session.stats()
    }

    /// Lends a client's function to other clients.
    pub fn lend(&self, callback: RpcStub) {
        self.sleeper.lent.replace(Some(callback));
    }

    /// A durable object that holds the function of another client, and that this object refers to
    /// as well.
    pub fn borrower(&self) -> Result<RpcStub, RpcError> {
        let lent = self.sleeper.lent.borrow().as_ref().map(RpcStub::dup);
        let lent = lent.ok_or_else(|| RpcError::error("nothing is lent"))?;
        let borrower: RpcStub = Holder::new(self.sleeper.clone(), lent, None).into();
        self.sleeper.borrowers.borrow_mut().push(borrower.dup());
        Ok(borrower)
    }

    /// An object that is in memory only.
    pub fn volatile(&self) -> Volatile {
        Volatile
    }

    /// Keeps a client's object in memory only.
    pub fn keep(&self, stub: RpcStub) {
        self.kept.replace(Some(stub));
    }

    pub fn has_kept(&self) -> bool {
        self.kept.borrow().is_some()
    }

    /// A durable object that holds a client's function and another durable object.
    pub fn holder(&self, callback: RpcStub, next: Option<RpcStub>) -> Holder {
        Holder::new(self.sleeper.clone(), callback, next)
    }

    /// A durable object that ends the subscription of a client's function whenever it is saved.
    pub fn pruner(&self, listener: RpcStub) -> Result<Pruner, RpcError> {
        let id = self.sleeper.listeners.add(listener)?;
        Ok(Pruner::new(self.sleeper.clone(), id))
    }

    pub fn forgotten(&self) -> Forgotten {
        Forgotten {}
    }

    pub fn listen(&self, listener: RpcStub) -> Result<(), RpcError> {
        self.sleeper.listeners.add(listener)?;
        Ok(())
    }

    /// How much memory the Wasm instance has, in pages of 64 KiB.
    pub fn memory_pages(&self) -> usize {
        #[cfg(target_arch = "wasm32")]
        return std::arch::wasm32::memory_size(0);
        #[cfg(not(target_arch = "wasm32"))]
        0
    }

    /// Reads from so many streams that have nothing, and gives them up.
    pub async fn cancel_streams(&self, count: u32) -> Result<(), RpcError> {
        for _ in 0..count {
            let never = futures::stream::pending::<std::result::Result<u32, RpcError>>();
            let stream: ReadableStream = native::to_js(RpcReadable::new(never))?.into();
            let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
            let _ = reader.read();
            // So long until the stream asks for a chunk.
            for _ in 0..4 {
                let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
            }
            let _ = JsFuture::from(reader.cancel()).await;
        }
        Ok(())
    }

    /// Has the alarm rung soon.
    pub async fn ring(&self) -> Result<(), RpcError> {
        self.sleeper.context.state().storage().set_alarm(Duration::from_millis(1)).await?;
        Ok(())
    }
}

/// An object without a name.
pub(crate) struct Volatile;

#[rpc_target]
impl Volatile {
    pub fn ping(&self) -> &'static str {
        "pong"
    }
}
