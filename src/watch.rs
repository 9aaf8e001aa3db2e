//! Tasks that end with their request: see `watch.js`.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/watch.js")]
extern "C" {
    type Watches;

    #[wasm_bindgen(thread_local_v2, js_name = watches)]
    static WATCHES: Watches;

    #[wasm_bindgen(method)]
    fn watch(this: &Watches, task: u32);

    #[wasm_bindgen(method)]
    fn unwatch(this: &Watches, task: u32);
}

/// Has a task given up if the request that runs now ends without [`unwatch`].
pub(crate) fn watch(task: u32) {
    WATCHES.with(|watches| watches.watch(task));
}

pub(crate) fn unwatch(task: u32) {
    WATCHES.with(|watches| watches.unwatch(task));
}
