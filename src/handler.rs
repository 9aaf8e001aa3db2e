//! The Worker's handler as a plain object.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/handler.js")]
extern "C" {
    type Handlers;

    #[wasm_bindgen(thread_local_v2, js_name = handlers)]
    static HANDLERS: Handlers;

    #[wasm_bindgen(method, getter, js_name = isPlain)]
    fn is_plain(this: &Handlers) -> bool;

    #[wasm_bindgen(method)]
    fn plain(this: &Handlers, class: &JsValue) -> JsValue;
}

thread_local! {
    static IS_PLAIN: bool = HANDLERS.with(Handlers::is_plain);
}

/// Whether requests come by a handler of [`Topsail::handler`], which answers for what they throw.
pub(crate) fn is_plain() -> bool {
    IS_PLAIN.with(|&is_plain| is_plain)
}

/// For the Worker's main module.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Topsail;

#[wasm_bindgen]
impl Topsail {
    /// An object that handles events as the class does that `worker-build` makes, without an instance
    /// of it for every request.
    pub fn handler(class: &JsValue) -> JsValue {
        HANDLERS.with(|handlers| handlers.plain(class))
    }
}
