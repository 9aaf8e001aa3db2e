use std::cell::OnceCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::Reflect;
use topsail_core::{RpcError, RpcStub};
use wasm_bindgen::JsValue;
use web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;
use worker::{Env, Error};

use super::application::Typed;
use super::hub::Hub;
use super::session::RpcSession;
use super::{ObjectContext, RpcDurableObject};
use crate::instance::Received;
use crate::reply::Reply;
use crate::request::RawResponse;
use crate::socket::{answer_close, disconnect, unexpected_binary};
use crate::{answer, instance};

/// The events of a Durable Object as the runtime has them: what `durable_object!` puts behind the
/// methods of its class.
#[doc(hidden)]
pub struct Object {
    /// Its parts are borrowed for moments in which no code of the application runs, so that a
    /// panic finds them whole.
    hub: AssertUnwindSafe<Rc<Hub>>,
    /// The main object of native calls.
    native: AssertUnwindSafe<OnceCell<RpcStub>>,
}

impl Object {
    /// The class's constructor.
    ///
    /// # Errors
    ///
    /// When the runtime gives the object no id.
    pub fn new<T: RpcDurableObject>(state: DurableObjectState, env: Env) -> Result<Self, JsValue> {
        let hub = Hub::new(state, env).map_err(thrown)?;
        let context = ObjectContext { hub: Rc::clone(&hub) };
        hub.begin(Rc::new(Typed::<T>::new(context)));
        let native = AssertUnwindSafe(OnceCell::new());
        Ok(Object { hub: AssertUnwindSafe(hub), native })
    }

    /// `fetch(request)`
    pub fn fetch(&self, request: web_sys::Request) -> JsValue {
        let hub = Rc::clone(&self.hub);
        answer::response(Box::pin(async move {
            let context = ObjectContext { hub: Rc::clone(&hub) };
            let Some(application) = hub.application() else { return Err(gone()) };
            let answer = instance::contain(application.fetch(request, context)).await;
            let Some(answer) = answer else { return Ok(failed().into()) };
            instance::attempt(|| hub.event(|| {}));
            Ok(answer.map_err(thrown)?.into())
        }))
    }

    /// What answers native calls.
    pub fn native(&self) -> RpcStub {
        let make = || match self.hub.application() {
            Some(application) => RpcStub::from_target(application.main(RpcSession::batch())),
            None => RpcStub::failed(RpcError::error("the object is gone")),
        };
        self.native.get_or_init(make).dup()
    }

    /// `alarm()`
    pub fn alarm(&self) -> JsValue {
        let hub = Rc::clone(&self.hub);
        answer::value(Box::pin(async move {
            let Some(application) = hub.application() else { return Err(gone()) };
            let Some(done) = instance::contain(application.alarm()).await else {
                return Err(JsValue::from_str("the server panicked"));
            };
            instance::attempt(|| hub.event(|| {}));
            done.map_err(thrown)?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// `webSocketMessage(socket, message)`
    pub fn message(&self, socket: &WebSocket, message: &JsValue) -> JsValue {
        let received = instance::received(message);
        self.event(socket, |hub, live| {
            match received {
                Received::Text(text) => live.peer().recv(&text),
                Received::Chunk(chunk) => live.peer().recv_chunk(chunk),
                Received::Binary => live.peer().abort(unexpected_binary()),
            }
            hub.finish(live);
        })
    }

    /// `webSocketClose(socket, code, reason)`
    pub fn close(&self, socket: &WebSocket, code: u32, reason: &str) -> JsValue {
        answer_close(socket, code, reason);
        self.ended(socket, &disconnect(Some(code), reason))
    }

    /// `webSocketError(socket)`
    pub fn error(&self, socket: &WebSocket) -> JsValue {
        self.ended(socket, &disconnect(None, ""))
    }

    fn ended(&self, socket: &WebSocket, error: &RpcError) -> JsValue {
        self.event(socket, |hub, live| {
            hub.leave(live);
            live.peer().disconnected(error.clone());
            hub.finish(live);
        })
    }

    fn event(
        &self,
        socket: &WebSocket,
        run: impl FnOnce(&Rc<Hub>, &Rc<super::live::Live>),
    ) -> JsValue {
        let hub = &self.hub;
        let done = instance::run_exported(|| {
            hub.event_that_holds(|| {
                if let Some(live) = hub.session(socket) {
                    run(hub, &live);
                }
            })
        });
        done.unwrap_or(JsValue::UNDEFINED)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.hub.end();
    }
}

fn gone() -> JsValue {
    JsValue::from_str("the object is gone")
}

/// What an error of the crate `worker` throws: what JavaScript threw, or an `Error` of its text, with the
/// code that the runtime's had. The crate's own conversion walks the causes behind `dyn Error`, and so
/// brings all that formats any error for `Debug`; here the causes that the crate names are told.
fn thrown(error: Error) -> JsValue {
    let text = match &error {
        Error::UnknownJsError { original, .. } | Error::Internal(original) => {
            return original.clone();
        }
        Error::JsError(text) => return JsValue::from_str(text),
        Error::EmailRecipientSuppressed(text) => return coded(text, "E_RECIPIENT_SUPPRESSED"),
        Error::EmailRecipientNotAllowed(text) => return coded(text, "RCPT_NOT_ALLOWED"),
        Error::RateLimitExceeded(text) => return coded(text, "E_RATE_LIMIT_EXCEEDED"),
        Error::DailyLimitExceeded(text) => return coded(text, "E_DAILY_LIMIT_EXCEEDED"),
        Error::InternalError(text) => return coded(text, "E_INTERNAL_SERVER_ERROR"),
        Error::Io(cause) => format!("{error}: {cause}"),
        Error::SerdeJsonError(cause) => format!("{error}: {cause}"),
        Error::SerdeWasmBindgenError(cause) => format!("{error}: {cause}"),
        Error::Utf8Error(cause) => format!("{error}: {cause}"),
        error => error.to_string(),
    };
    js_sys::Error::new(&text).into()
}

fn coded(text: &str, code: &str) -> JsValue {
    let error = js_sys::Error::new(text);
    // A new object takes every property.
    let _ = Reflect::set(&error, &JsValue::from_str("code"), &JsValue::from_str(code));
    error.into()
}

fn failed() -> RawResponse {
    Reply::text(500, "The server failed.").into_raw()
}

/// Makes a type that implements [`RpcDurableObject`] a Durable Object class of the same name, to be
/// named in `wrangler.toml` (`class_name`, under `new_sqlite_classes`). The Worker's crate depends
/// on `worker`.
///
/// `durable_object!(Type, native)` also has the object answer native calls, by a main object of
/// their own ([`RpcDurableObject::main`]), which like that of a batch is not saved: callbacks that
/// come by native RPC do not outlive memory. The main module of the Worker names the class as for
/// [`native_durable_object!`](crate::native_durable_object).
#[macro_export]
macro_rules! durable_object {
    ($object:ident $(, $native:ident)?) => {
        const _: () = {
            mod class {
                use $crate::__runtime::{Env, State, js_sys, wasm_bindgen, web_sys};

                use $crate::__runtime::wasm_bindgen::prelude::wasm_bindgen;

                #[wasm_bindgen(wasm_bindgen = $crate::__runtime::wasm_bindgen)]
                pub struct $object($crate::__runtime::Object);

                #[wasm_bindgen(wasm_bindgen = $crate::__runtime::wasm_bindgen)]
                impl $object {
                    #[wasm_bindgen(constructor)]
                    pub fn new(state: State, env: Env) -> Result<$object, wasm_bindgen::JsValue> {
                        $crate::__runtime::Object::new::<super::$object>(state, env).map($object)
                    }

                    #[wasm_bindgen(js_name = fetch)]
                    pub fn fetch(&self, request: web_sys::Request) -> wasm_bindgen::JsValue {
                        self.0.fetch(request)
                    }

                    #[wasm_bindgen(js_name = alarm)]
                    pub fn alarm(&self) -> wasm_bindgen::JsValue {
                        self.0.alarm()
                    }

                    #[wasm_bindgen(js_name = webSocketMessage)]
                    pub fn web_socket_message(
                        &self,
                        socket: web_sys::WebSocket,
                        message: wasm_bindgen::JsValue,
                    ) -> wasm_bindgen::JsValue {
                        self.0.message(&socket, &message)
                    }

                    #[wasm_bindgen(js_name = webSocketClose)]
                    pub fn web_socket_close(
                        &self,
                        socket: web_sys::WebSocket,
                        code: u32,
                        reason: &str,
                    ) -> wasm_bindgen::JsValue {
                        self.0.close(&socket, code, reason)
                    }

                    #[wasm_bindgen(js_name = webSocketError)]
                    pub fn web_socket_error(
                        &self,
                        socket: web_sys::WebSocket,
                    ) -> wasm_bindgen::JsValue {
                        self.0.error(&socket)
                    }
                }

                $($crate::__native_class!($object, |object| object.0.$native(), durable_object);)?
            }
        };
    };
}
