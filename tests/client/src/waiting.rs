use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use futures::future::join_all;
use topsail::prelude::*;
use topsail::{Untyped, native};
use worker::js_sys::{Function, Promise, Reflect, global};
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::Closure;
use worker::{Delay, Env, Error, Method, RequestInit};

thread_local! {
    static LIVING: Cell<u32> = const { Cell::new(0) };
}

/// Its calls wait for what never comes.
pub(crate) struct Waiting(pub(crate) Env);

/// Counted as long as it is in memory.
struct Living;

#[rpc_target]
impl Waiting {
    pub async fn wait(&self, callback: Option<RpcStub<Untyped>>) {
        let _living = (Living::new(), callback);
        pending().await
    }

    /// Waits for what belongs to the request: a timer.
    pub async fn sleep(&self, callback: Option<RpcStub<Untyped>>) {
        let _living = (Living::new(), callback);
        Delay::from(Duration::from_secs(3600)).await
    }

    /// A function of JavaScript that never answers, of which something is told when it breaks.
    pub fn never(&self) -> RpcStub {
        let never = Closure::<dyn Fn() -> JsValue>::new(|| Promise::new(&mut |_, _| {}).into());
        let (living, never) = (Living::new(), native::stub(never.into_js_value()));
        never.on_broken(move |_| drop(living));
        never
    }

    /// A function of JavaScript that answers, in a value that was JavaScript's.
    pub fn answering(&self) -> Result<Vec<RpcStub>, RpcError> {
        let answer = Closure::<dyn Fn(String) -> String>::new(|name| format!("Hello, {name}!"));
        let answer = answer.into_js_value();
        Ok(vec![native::stub(answer.clone()), native::from_js(&answer)?])
    }

    /// Requests of this Worker to itself, each with a call that waits.
    pub async fn ask(&self, requests: u32, call: String) -> Result<(), RpcError> {
        join_all((0..requests).map(|_| self.request(&call))).await.into_iter().collect()
    }

    /// How many calls wait, after a collection of garbage.
    pub fn living(&self) -> Result<u32, RpcError> {
        let gc: Function = Reflect::get(&global(), &"gc".into()).map_err(Error::from)?.into();
        gc.call0(&JsValue::UNDEFINED).map_err(Error::from)?;
        Ok(LIVING.get())
    }
}

impl Waiting {
    async fn request(&self, body: &str) -> Result<(), RpcError> {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(body.into()));
        let own = self.0.service("OWN")?;
        own.fetch("http://own/waiting", Some(init)).await?;
        Ok(())
    }
}

impl Living {
    fn new() -> Self {
        LIVING.set(LIVING.get() + 1);
        Living
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        LIVING.set(LIVING.get() - 1);
    }
}
