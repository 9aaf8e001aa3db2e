//! A plain Durable Object of `worker`, and an entrypoint, that answer native calls.

use std::cell::{Cell, RefCell};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use topsail::prelude::*;
use topsail::{Outgoing, native_durable_object, native_entrypoint};
use worker::{
    Delay, DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen,
};

use crate::counter::Counter;

/// Behind the binding `FACE`.
#[durable_object]
pub struct Face {
    /// Wasm-bindgen wants that asserted where panics unwind.
    api: AssertUnwindSafe<Rc<FaceApi>>,
}

impl DurableObject for Face {
    fn new(_state: State, _env: Env) -> Self {
        Face { api: AssertUnwindSafe(Rc::default()) }
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::ok("fetched")
    }
}

native_durable_object!(Face, |face| RpcStub::new(Rc::clone(&face.api)));

native_entrypoint!(RustGreeter, |_env| RpcStub::new(FaceApi::default()));

/// What they answer.
#[derive(Default)]
pub(crate) struct FaceApi {
    callback: RefCell<Option<RpcStub>>,
}

#[rpc_target]
impl FaceApi {
    pub fn greet(&self, name: &str) -> String {
        format!("Hello, {name}!")
    }

    pub fn make_counter(&self, i: f64) -> Counter {
        Counter::new(i)
    }

    #[rpc(get)]
    pub fn answer(&self) -> u32 {
        42
    }

    pub fn echo(&self, value: Outgoing) -> Outgoing {
        value
    }

    pub fn subscribe(&self, callback: RpcStub) {
        self.callback.replace(Some(callback));
    }

    pub fn unsubscribe(&self) {
        self.callback.take();
    }

    pub async fn notify(&self, value: Outgoing) -> std::result::Result<Outgoing, RpcError> {
        let callback = self.callback.borrow().clone();
        let callback = callback.ok_or_else(|| RpcError::error("nobody has subscribed"))?;
        callback.invoke((value,)).await
    }

    pub fn fail(&self) -> std::result::Result<(), RpcError> {
        Err(crate::errors::with_props())
    }

    /// Calls a function, which stands behind a number among the arguments.
    pub async fn apply(&self, i: f64, f: RpcStub) -> std::result::Result<f64, RpcError> {
        f.invoke((i,)).await
    }

    pub async fn call_counter(&self, counter: RpcStub) -> std::result::Result<f64, RpcError> {
        counter.call("increment", ()).await
    }

    /// Waits for what belongs to its request: a timer.
    pub async fn wait(&self) {
        let _waiting = Waiting::new();
        Delay::from(Duration::from_secs(3600)).await;
    }

    /// How many such calls are in memory, of all objects.
    pub fn waiting(&self) -> u32 {
        WAITING.get()
    }
}

thread_local! {
    static WAITING: Cell<u32> = const { Cell::new(0) };
}

/// Counted as long as it is in memory.
struct Waiting;

impl Waiting {
    fn new() -> Self {
        WAITING.set(WAITING.get() + 1);
        Waiting
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.set(WAITING.get() - 1);
    }
}
