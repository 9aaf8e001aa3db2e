use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use topsail::codec::Object;
use topsail::prelude::*;
use topsail::{
    Blob, Bytes, Headers, Outgoing, Request, Response, Url, Value, native,
    new_durable_object_rpc_session,
};
use worker::{Delay, Env};

use crate::capabilities::{Friend, Incrementing, Nested, Squaring, Wrapped};
use crate::counter::Counter;
#[cfg(feature = "beyond")]
use crate::ends::Ends;
use crate::errors::{Refused, refuse};
use crate::kinds::kind_of;
#[cfg(feature = "beyond")]
use crate::native::{Used, use_locked_streams, use_room, watch_room};
use crate::streams::{self, Sink, Sum};
use crate::tracked::Tracked;
use crate::users::User;
use crate::web::{self, Described};

/// The main object of a session. Each session has one of its own.
pub(crate) struct TestTarget {
    env: Env,
    body_runs: Cell<u32>,
    kept: RefCell<Option<RpcStub>>,
    log: RefCell<Vec<Outgoing>>,
    tracked: Cell<u32>,
    disposed: Rc<Cell<u32>>,
}

impl TestTarget {
    pub(crate) fn new(env: Env) -> Self {
        TestTarget {
            env,
            body_runs: Cell::default(),
            kept: RefCell::default(),
            log: RefCell::default(),
            tracked: Cell::default(),
            disposed: Rc::default(),
        }
    }
}

#[rpc_target]
impl TestTarget {
    // Plain calls.

    pub fn square(&self, i: f64) -> f64 {
        i * i
    }

    pub fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }

    pub fn greet(&self, name: &str, #[rpc(default = "!")] punctuation: &str) -> String {
        format!("Hello, {name}{punctuation}")
    }

    pub fn return_number(&self, i: f64) -> f64 {
        i
    }

    pub fn return_null(&self) -> Value {
        Value::Null
    }

    pub fn return_undefined(&self) {}

    pub fn return_true(&self) -> bool {
        true
    }

    pub fn generate_fibonacci(&self, n: usize) -> Vec<f64> {
        let pairs = std::iter::successors(Some((0.0, 1.0)), |&(a, b)| Some((b, a + b)));
        pairs.map(|(a, _)| a).take(n).collect()
    }

    pub fn echo(&self, value: Outgoing) -> Outgoing {
        value
    }

    pub fn type_of(&self, value: Value) -> String {
        kind_of(&value)
    }

    pub fn count_keys(&self, object: Object) -> usize {
        object.len()
    }

    pub fn range(&self, n: u32) -> Vec<u32> {
        (0..n).collect()
    }

    pub fn users(&self, n: u32) -> Vec<User> {
        (0..n).map(User::example).collect()
    }

    pub fn update_user(&self, user: User) -> Result<User, RpcError> {
        self.body_runs.update(|runs| runs + 1);
        user.with_next_id()
    }

    pub fn body_runs(&self) -> u32 {
        self.body_runs.get()
    }

    pub async fn sleep(&self, ms: u32) -> u32 {
        Delay::from(Duration::from_millis(ms.into())).await;
        ms
    }

    pub fn log(&self, entry: Outgoing) {
        self.log.borrow_mut().push(entry);
    }

    pub fn logged(&self) -> Vec<Outgoing> {
        self.log.borrow().clone()
    }

    // Errors.

    pub fn throw_error(&self) -> Result<(), RpcError> {
        Err(RpcError::range_error("test error"))
    }

    pub fn throw_with_props(&self) -> Result<(), RpcError> {
        Err(crate::errors::with_props())
    }

    pub fn fail(&self, message: String) -> Result<(), Refused> {
        refuse(message)?;
        Ok(())
    }

    pub fn panic(&self) {
        panic!("panic");
    }

    // Capabilities.

    pub fn make_counter(&self, i: f64) -> Counter {
        Counter::new(i)
    }

    pub fn increment_counter(
        &self,
        counter: RpcStub<dyn Incrementing>,
        #[rpc(default = 1.0)] amount: f64,
    ) -> RpcPromise<f64> {
        counter.increment(amount)
    }

    pub fn call_square(&self, target: RpcStub<dyn Squaring>, i: f64) -> Wrapped<RpcPromise<f64>> {
        Wrapped { result: target.square(i) }
    }

    pub async fn call_function(
        &self,
        function: RpcStub,
        i: f64,
    ) -> Result<Wrapped<Outgoing>, RpcError> {
        Ok(Wrapped { result: function.invoke((i,)).await? })
    }

    pub fn call_twice(&self, function: RpcStub, i: f64) -> [RpcPromise<Outgoing>; 2] {
        [function.invoke((i,)), function.invoke((i + 1.0,))]
    }

    pub fn keep(&self, capability: RpcStub) {
        self.kept.replace(Some(capability));
    }

    pub fn call_kept(
        &self,
        #[rpc(rest)] arguments: Vec<Outgoing>,
    ) -> Result<RpcPromise<Outgoing>, RpcError> {
        let kept = self.kept.borrow().clone();
        let kept = kept.ok_or_else(|| RpcError::error("nothing is kept"))?;
        Ok(kept.invoke(arguments))
    }

    pub fn drop_kept(&self) {
        self.kept.take();
    }

    #[rpc(name = "self")]
    pub fn this(self: Rc<Self>) -> RpcStub<TestTarget> {
        RpcStub::new(self)
    }

    pub fn friends(&self) -> [Friend; 3] {
        Friend::all()
    }

    pub fn tracked(&self) -> Tracked {
        self.tracked.update(|id| id + 1);
        Tracked::new(self.tracked.get(), Rc::clone(&self.disposed))
    }

    pub fn disposed(&self) -> u32 {
        self.disposed.get()
    }

    #[rpc(get)]
    pub fn nested(&self) -> Nested {
        Nested::new()
    }

    pub fn map_on_server(&self, list: RpcStub, function: RpcStub) -> RpcPromise<Vec<Outgoing>> {
        let items = list.invoke::<Vec<Outgoing>>(());
        items.map(|item: RpcPromise<Outgoing>| function.invoke::<Outgoing>((item,)))
    }

    // Streams.

    pub fn count_to(&self, n: u32) -> RpcReadable<u32> {
        streams::count_to(n)
    }

    pub fn bytes_of(&self, total: usize, chunk: usize) -> RpcReadable<Bytes> {
        streams::bytes_of(total, chunk)
    }

    pub async fn collect(
        &self,
        readable: RpcReadable<Outgoing>,
    ) -> Result<Vec<Outgoing>, RpcError> {
        streams::collect(readable).await
    }

    pub async fn sum_bytes(&self, readable: RpcReadable<Bytes>) -> Result<Sum, RpcError> {
        streams::sum_bytes(readable).await
    }

    pub fn sink(&self) -> Sink {
        streams::sink()
    }

    pub async fn pump(&self, writable: RpcWritable<u32>, n: u32) -> Result<u32, RpcError> {
        streams::pump(writable, n).await
    }

    pub fn slow_sink(&self, ms: u32) -> RpcWritable<Outgoing> {
        streams::slow_sink(ms)
    }

    pub fn failing_stream(&self, n: u32) -> RpcReadable<u32> {
        streams::failing_stream(n)
    }

    /// Ends of streams that go by scripts.
    #[cfg(feature = "beyond")]
    pub fn ends(&self) -> Ends {
        Ends
    }

    // Web types.

    pub fn echo_blob(&self, blob: Blob) -> Blob {
        web::echo_blob(&blob)
    }

    pub async fn describe_request(&self, request: Request) -> Result<Described, RpcError> {
        web::describe_request(request).await
    }

    pub fn make_response(&self, status: u16, body: String) -> Result<Response, RpcError> {
        web::make_response(status, body)
    }

    pub fn echo_headers(&self, headers: Headers) -> Headers {
        headers
    }

    pub fn echo_url(&self, url: Url) -> Url {
        url
    }

    // Passthrough.

    pub fn get_durable_object(&self, name: &str) -> Result<RpcStub, RpcError> {
        native::durable_object(&self.env, "JS_ROOM", name)
    }

    pub fn get_room(&self, name: &str) -> Result<RpcStub, RpcError> {
        let room = self.env.durable_object("ROOM")?.get_by_name(name)?;
        Ok(new_durable_object_rpc_session(room, RpcSessionOptions::default()))
    }

    /// A counter that is exposed as a native object, and taken back as one.
    pub fn make_native_counter(&self, i: f64) -> RpcStub {
        native::stub(native::expose(RpcStub::new(Counter::new(i))))
    }

    /// Exposes a function as a native one, to which nothing refers.
    pub fn expose_and_forget(&self, function: RpcStub) {
        drop(native::expose(function));
    }

    /// Has Rust call a `JsRoom` by its types, and break it.
    #[cfg(feature = "beyond")]
    pub async fn use_durable_object(&self, name: String) -> Result<Used, RpcError> {
        use_room(native::durable_object(&self.env, "JS_ROOM", &name)?).await
    }

    /// Has Rust wait until a `JsRoom` breaks.
    #[cfg(feature = "beyond")]
    pub async fn watch_durable_object(&self, name: String) -> Result<Vec<String>, RpcError> {
        watch_room(native::durable_object(&self.env, "JS_ROOM", &name)?).await
    }

    /// A `JsRoom` whose values are converted by other rules.
    #[cfg(feature = "beyond")]
    pub fn get_durable_object_by(&self, name: &str, rules: &str) -> Result<RpcStub, RpcError> {
        native::durable_object_with_rules(&self.env, "JS_ROOM", name, crate::native::rules(rules))
    }

    /// Throws an exception of JavaScript, past Rust.
    #[cfg(feature = "beyond")]
    pub fn throw_foreign(&self) {
        js_sys::Uint8Array::new(&js_sys::Symbol::iterator());
    }

    /// What becomes of readable and writable streams of JavaScript that somebody else has locked.
    #[cfg(feature = "beyond")]
    pub async fn use_locked_streams(&self) -> Result<[RpcError; 2], RpcError> {
        use_locked_streams().await
    }

    /// The room by native RPC.
    pub fn get_native_room(&self, name: &str) -> Result<RpcStub, RpcError> {
        native::durable_object(&self.env, "ROOM", name)
    }

    /// A Rust Durable Object, by native RPC.
    pub fn get_face(&self, name: &str) -> Result<RpcStub, RpcError> {
        native::durable_object(&self.env, "FACE", name)
    }

    /// A Rust entrypoint, by native RPC.
    pub fn get_rust_greeter(&self) -> Result<RpcStub, RpcError> {
        Ok(native::stub(self.env.service("RUST_GREETER")?))
    }

    pub fn get_greeter(&self) -> Result<RpcStub, RpcError> {
        native::service(&self.env, "GREETER")
    }
}
