//! Texts for JavaScript by their places, which reads short ones faster than wasm-bindgen does.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen(module = "/src/text.js")]
extern "C" {
    type Texts;

    #[wasm_bindgen(thread_local_v2, js_name = texts)]
    static TEXTS: Texts;

    #[wasm_bindgen(method, js_name = readFrom)]
    fn read_from(this: &Texts, memory: &JsValue);
}

/// Tells JavaScript which memory the places are in.
pub(crate) fn start() {
    TEXTS.with(|texts| texts.read_from(&wasm_bindgen::memory()));
}

/// Where `textAt` of `text.js` finds a text, until whoever calls it comes back: its place and its length.
pub(crate) fn place(text: &str) -> (u32, u32) {
    (text.as_ptr().addr() as u32, text.len() as u32)
}
