//! The Wasm instance: what has to be set up once in it, and what is done when it fails.
//!
//! With `panic = "abort"`, the default, a panic is a trap: no destructor runs, wasm-bindgen lets
//! none of the code that called go on, and `worker` 0.8 has the instance replaced at the next
//! request. What it served would never be answered. Code of the application therefore runs inside
//! of [`attempt`], where the panic hook throws a JavaScript exception before it comes to the trap.
//! From then on nothing but what says so runs in the instance.
//!
//! Traps, and exceptions of JavaScript that pass through Rust, end the instance as well: wasm-bindgen says so
//! by a function that it calls ([`lose`]), and lets no call in any more.
//!
//! With `panic = "unwind"` a panic ends what it happened in, and the instance lives on.

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::thread::LocalKey;

use js_sys::Function;
use topsail_core::BytesChunk;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use web_sys::{Request, WebSocket};

use crate::body::OnBody;
use crate::executor::{self, TaskHandle};
use crate::text;

#[wasm_bindgen(module = "/src/hold.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn hold() -> Result<Function, JsValue>;
}

#[wasm_bindgen(module = "/src/instance.js")]
extern "C" {
    type Instance;

    #[wasm_bindgen(thread_local_v2, js_name = instance)]
    static INSTANCE: Instance;

    #[wasm_bindgen(method)]
    fn attempt(this: &Instance, run: &mut dyn FnMut()) -> bool;

    #[wasm_bindgen(method)]
    fn listen(
        this: &Instance,
        socket: &WebSocket,
        number: u32,
        on_event: &Closure<OnEvent>,
        is_own: bool,
    );

    #[wasm_bindgen(method)]
    fn read(this: &Instance, request: &Request, number: u32, on_body: &Closure<OnBody>);

    #[wasm_bindgen(method)]
    fn long(this: &Instance, message: &JsValue) -> Option<Long>;

    /// A long message: in UTF-8, or the bytes that it writes into a pipe.
    type Long;

    #[wasm_bindgen(method, getter)]
    fn pipe(this: &Long) -> Option<u32>;

    #[wasm_bindgen(method, getter)]
    fn bytes(this: &Long) -> Vec<u8>;

    #[wasm_bindgen(method)]
    fn decode(this: &Instance, bytes: &[u8]) -> String;

    #[wasm_bindgen(method)]
    fn lost(this: &Instance);

    #[wasm_bindgen(method)]
    fn schedule(this: &Instance, run: &Closure<dyn Fn()>);

    #[wasm_bindgen(method)]
    fn begin(this: &Instance, give_up: &Closure<dyn Fn(u32)>);

    #[wasm_bindgen(method)]
    fn later(this: &Instance, number: u32, asked: u32) -> JsValue;

    #[wasm_bindgen(method)]
    fn settle(this: &Instance, number: u32, value: &JsValue);

    #[wasm_bindgen(method)]
    fn fail(this: &Instance, number: u32, error: &JsValue);
}

/// Takes an event of a socket: the listener's number, the event's kind, and the code, text and bytes
/// that it has. A long text comes in UTF-8; the code of a chunk is its pipe.
pub(crate) type OnEvent = dyn Fn(u32, u32, u32, String, Option<Vec<u8>>);

thread_local! {
    static IS_STARTED: Cell<bool> = const { Cell::new(false) };
    static IS_LOST: Cell<bool> = const { Cell::new(false) };
    static ON_LOSS: Cell<Option<fn()>> = const { Cell::new(None) };
    /// There is a frame of JavaScript to throw to: one of `attempt` in `instance.js`.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// That frame is the nearest, and whoever called it gives up what runs in it.
    static IS_ATTEMPT: Cell<bool> = const { Cell::new(false) };
}

/// Sets up what the core has from its surroundings, and the panic hook. Called before anything that makes a
/// session.
pub fn start() {
    if IS_STARTED.replace(true) {
        return;
    }
    executor::start();
    text::start();
    topsail_core::set_spawner(|future| drop(spawn(future)));
    topsail_core::set_clock(js_sys::Date::now);
    topsail_core::set_table_secret(random());
    // In place of the function of `worker`, with which the next call would make a new instance and enter it,
    // although what is called, a closure say, may be of this one.
    wasm_bindgen::handler::set_on_abort(lose);
    if cfg!(not(panic = "unwind")) {
        add_panic_hook();
    }
}

/// A random number that a double holds.
pub(crate) fn random() -> u64 {
    (js_sys::Math::random() * (1_u64 << 53) as f64) as u64
}

/// Has a function run while the instance is being lost. It finds the application in the middle of
/// something.
pub(crate) fn on_loss(run: fn()) {
    ON_LOSS.set(Some(run));
}

/// Runs a future by itself.
pub(crate) fn spawn(future: impl Future<Output = ()> + 'static) -> TaskHandle {
    executor::spawn(async { contain(future).await.unwrap_or_default() })
}

/// Runs a future. `None` if it panics, or if the instance is lost meanwhile.
pub(crate) async fn contain<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = Some(Box::pin(future));
    poll_fn(|cx| {
        let polled = future.as_mut().and_then(|future| attempt(|| future.as_mut().poll(cx)));
        polled.map_or_else(|| Poll::Ready(abandon(future.take())), |polled| polled.map(Some))
    })
    .await
}

/// Has a socket's events passed to a function with this number, up to the last. `is_own` says that
/// nobody else has ever had the socket.
pub(crate) fn listen(socket: &WebSocket, number: u32, on_event: &Closure<OnEvent>, is_own: bool) {
    INSTANCE.with(|instance| instance.listen(socket, number, on_event, is_own));
}

/// What has arrived on a socket.
pub(crate) enum Received {
    Text(String),
    Chunk(BytesChunk),
    Binary,
}

/// What a message of JavaScript is.
pub(crate) fn received(message: &JsValue) -> Received {
    let Some(long) = INSTANCE.with(|instance| instance.long(message)) else {
        return message.as_string().map_or(Received::Binary, Received::Text);
    };
    let bytes = long.bytes();
    match long.pipe() {
        Some(pipe) => Received::Chunk(BytesChunk { pipe, bytes }),
        None => Received::Text(decoded(bytes)),
    }
}

/// What JavaScript has encoded is UTF-8.
pub(crate) fn decoded(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// A text in UTF-8: without the mark in front, and with U+FFFD for what is not.
pub(crate) fn decode(bytes: &[u8]) -> String {
    INSTANCE.with(|instance| instance.decode(bytes))
}

/// Has a request's body read, and passed to a function with this number.
pub(crate) fn read(request: &Request, number: u32, on_body: &Closure<OnBody>) {
    INSTANCE.with(|instance| instance.read(request, number, on_body));
}

/// Tells JavaScript what gives up the task with a number.
pub(crate) fn begin(give_up: &Closure<dyn Fn(u32)>) {
    INSTANCE.with(|instance| instance.begin(give_up));
}

/// What is answered, as `instance.js` has it.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    Request,
    /// A native call or an event of an object.
    Call,
    /// What a stream of JavaScript asks for.
    Stream,
}

/// A promise of JavaScript, which is settled by its number. If the instance is lost it becomes a response, or
/// rejects.
pub(crate) fn later(number: u32, asked: Asked) -> JsValue {
    INSTANCE.with(|instance| instance.later(number, asked as u32))
}

/// Settles a promise of [`later`].
pub(crate) fn settle(number: u32, result: Result<JsValue, JsValue>) {
    INSTANCE.with(|instance| match result {
        Ok(value) => instance.settle(number, &value),
        Err(error) => instance.fail(number, &error),
    });
}

/// While it lives, the runtime goes on with the request that it was made in, for as long as it may.
pub(crate) struct Held(Option<Function>);

impl Held {
    pub(crate) fn new() -> Self {
        // Outside of a request there is none to go on with.
        Held(hold().ok())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // It settles a promise, which throws nothing.
        let _ = self.0.take().map(|release| release.call0(&JsValue::UNDEFINED));
    }
}

/// Has a function called behind all that runs now.
pub(crate) fn schedule(run: &Closure<dyn Fn()>) {
    INSTANCE.with(|instance| instance.schedule(run));
}

/// Runs code in a frame of JavaScript that catches what Rust cannot. `None` if it panics.
pub(crate) fn attempt<T>(mut run: impl FnMut() -> T) -> Option<T> {
    if IS_LOST.get() {
        return None;
    }
    if IS_ATTEMPT.get() && cfg!(not(panic = "unwind")) {
        return Some(run());
    }
    let mut result = None;
    // Whoever runs it gives up what `run` works on when it has panicked.
    let mut step = AssertUnwindSafe((&mut run, &mut result));
    let mut step = move || {
        let AssertUnwindSafe((run, result)) = &mut step;
        **result = Some(run());
    };
    inside(true, || INSTANCE.with(|instance| instance.attempt(&mut step)));
    result
}

/// Marks what runs as within a frame of JavaScript that catches what it throws.
fn inside<T>(is_attempt: bool, run: impl FnOnce() -> T) -> T {
    let was_inside = IS_INSIDE.replace(true);
    let was_attempt = IS_ATTEMPT.replace(is_attempt);
    let result = run();
    IS_INSIDE.set(was_inside);
    IS_ATTEMPT.set(was_attempt);
    result
}

/// Runs an event that the runtime passes to an exported function, or JavaScript that catches what it
/// throws: the runtime only reports it, so that a panic needs no further frame of JavaScript to end in.
pub(crate) fn run_exported<T>(run: impl FnOnce() -> T) -> Option<T> {
    enter(false, run)
}

/// As [`run_exported`], where JavaScript catches what `run` throws and all that runs in it is owed an answer
/// (`later` in `instance.js`): a panic then needs no frame of its own to end in, for which futures would
/// have to be called through JavaScript.
pub(crate) fn run_owed<T>(run: impl FnOnce() -> T) -> Option<T> {
    enter(true, run)
}

fn enter<T>(is_attempt: bool, run: impl FnOnce() -> T) -> Option<T> {
    let run = || {
        executor::drop_given_up();
        run()
    };
    (!IS_LOST.get()).then(|| inside(is_attempt, run))
}

/// While it lives, a flag of the thread is set: also when a panic unwinds.
pub(crate) struct Flagged {
    flag: &'static LocalKey<Cell<bool>>,
    was_set: bool,
}

impl Flagged {
    pub(crate) fn set(flag: &'static LocalKey<Cell<bool>>) -> Self {
        Flagged { flag, was_set: flag.replace(true) }
    }
}

impl Drop for Flagged {
    fn drop(&mut self) {
        self.flag.set(self.was_set);
    }
}

/// Gives up a future that may have been left in the middle: then it cannot be dropped.
fn abandon<F, T>(future: Option<F>) -> Option<T> {
    if cfg!(not(panic = "unwind")) {
        std::mem::forget(future);
    }
    None
}

/// Adds to the hook of `worker`, which logs the panic and has the instance replaced.
fn add_panic_hook() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        earlier(info);
        lose();
        if IS_INSIDE.get() {
            wasm_bindgen::throw_str("a Rust panic ended the instance");
        }
    }));
}

/// The instance is lost. JavaScript comes first: the rest may fail once more.
fn lose() {
    let is_first = !IS_LOST.replace(true);
    INSTANCE.with(Instance::lost);
    if let Some(on_loss) = ON_LOSS.get().filter(|_| is_first) {
        on_loss();
    }
}
