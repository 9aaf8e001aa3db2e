//! The Wasm instance: what has to be set up once in it, and what is done when it fails.
//!
//! With `panic = "abort"`, the default, a panic is a trap: no destructor runs, wasm-bindgen lets
//! none of the code that called go on, and the instance is replaced at the next request (`worker`
//! 0.8 sees to that). What is left is to end what it served. HTTP requests end by themselves: the
//! runtime answers one that cannot be answered any more with 500. With `panic = "unwind"` a panic
//! ends what it happened in, and the instance lives on.

use std::cell::Cell;

use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use web_sys::WebSocket;

#[wasm_bindgen(module = "/src/instance.js")]
extern "C" {
    type Instance;

    #[wasm_bindgen(thread_local_v2, js_name = instance)]
    static INSTANCE: Instance;

    #[wasm_bindgen(method)]
    fn listen(this: &Instance, socket: &WebSocket, on_event: &Closure<OnEvent>);

    #[wasm_bindgen(method)]
    fn lost(this: &Instance);
}

/// Takes an event of a socket: its kind, and the code and text that it has.
pub(crate) type OnEvent = dyn Fn(u32, u32, String);

thread_local! {
    static IS_STARTED: Cell<bool> = const { Cell::new(false) };
}

/// Sets up tasks and the panic hook. Called before anything that makes a session.
pub(crate) fn start() {
    if IS_STARTED.replace(true) {
        return;
    }
    topsail_core::set_spawner(wasm_bindgen_futures::spawn_local);
    if cfg!(not(panic = "unwind")) {
        add_panic_hook();
    }
}

/// Adds to the hook of `worker`, which logs the panic and has the instance replaced.
fn add_panic_hook() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        earlier(info);
        INSTANCE.with(Instance::lost);
    }));
}

/// Has a socket's events passed to a closure, up to the last, as long as the instance lives. If
/// the closure panics, the socket is closed.
pub(crate) fn listen(socket: &WebSocket, on_event: &Closure<OnEvent>) {
    INSTANCE.with(|instance| instance.listen(socket, on_event));
}
