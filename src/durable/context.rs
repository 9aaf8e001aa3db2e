use std::rc::Rc;

use wasm_bindgen::JsCast;
use worker::{Env, Result, State};

use super::Subscribers;
use super::hub::Hub;
use super::session::RpcSession;
use crate::reply::Reply;
use crate::request::{IncomingRequest, Method, RawRequest};
use crate::response::method_not_allowed;
use crate::{batch, websocket};

/// What a Durable Object on Topsail works with: its state and environment, its sessions and
/// subscribers. A clone is the same.
#[derive(Clone)]
pub struct ObjectContext {
    pub(super) hub: Rc<Hub>,
}

impl ObjectContext {
    /// The object's state: its id, its storage, its sockets.
    pub fn state(&self) -> State {
        State::from(
            self.hub.state.clone().unchecked_into::<worker::worker_sys::DurableObjectState>(),
        )
    }

    /// The Worker's bindings.
    pub fn env(&self) -> &Env {
        &self.hub.env
    }

    /// The clients' objects that are subscribed to something, by its name.
    pub fn subscribers<T: ?Sized>(&self, name: impl Into<Rc<str>>) -> Subscribers<T> {
        Subscribers::new(&self.hub, name.into())
    }

    /// Answers a request with a Cap'n Web session of the object: a POST as an HTTP batch, a GET with
    /// `Upgrade: websocket` as a session on a hibernatable WebSocket; others as
    /// [`new_workers_rpc_response`](crate::new_workers_rpc_response) does.
    ///
    /// # Errors
    ///
    /// When the body of a batch cannot be read, or the runtime gives no WebSocket.
    pub async fn respond<R: IncomingRequest>(&self, req: R) -> Result<R::Response> {
        self.respond_with_tags(req, &[]).await
    }

    /// [`respond`](Self::respond); a socket gets these tags, by which
    /// [`State::get_websockets_with_tag`] finds it. The runtime allows ten of up to 256 characters,
    /// of which one is Topsail's own.
    ///
    /// # Errors
    ///
    /// As `respond`, and when the runtime refuses the tags.
    pub async fn respond_with_tags<R: IncomingRequest>(
        &self,
        req: R,
        tags: &[&str],
    ) -> Result<R::Response> {
        R::answer(self.answer(req.raw(), tags).await?)
    }

    async fn answer(&self, req: &RawRequest, tags: &[&str]) -> Result<Reply> {
        let options = self.hub.options().response;
        match Method::of(req) {
            Method::Post => {
                let application = self.hub.application().ok_or_else(unfinished)?;
                batch::answer(req, application.main(RpcSession::batch()), options).await
            }
            Method::Get => websocket::answer(req, options, |_| {
                self.hub.accept(tags).map(|client| client.as_ref().clone())
            }),
            Method::Other => Ok(method_not_allowed("GET, POST")),
        }
    }
}

fn unfinished() -> worker::Error {
    worker::Error::from("the object is still being made")
}
