//! The places in which sessions are saved. See `storage.js`.

use std::cell::RefCell;

use js_sys::{Promise, Uint8Array};
use topsail_core::Outbox;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;

#[wasm_bindgen(module = "/src/durable/storage.js")]
extern "C" {
    type Storage;

    #[wasm_bindgen(thread_local_v2, js_name = storage)]
    static STORAGE: Storage;

    #[wasm_bindgen(method, catch)]
    fn sweep(this: &Storage, state: &DurableObjectState, keys: Vec<String>) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = storage, js_name = Place)]
    type JsPlace;

    #[wasm_bindgen(constructor, js_namespace = storage, js_class = Place)]
    fn new(state: &DurableObjectState, socket: &WebSocket, key: &str) -> JsPlace;

    #[wasm_bindgen(method, catch, js_class = Place)]
    fn load(this: &JsPlace) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, catch, js_class = Place)]
    fn save(this: &JsPlace, bytes: Uint8Array) -> Result<(), JsValue>;

    #[wasm_bindgen(method, js_class = Place)]
    fn end(this: &JsPlace);

    /// Which session a socket has.
    #[wasm_bindgen(js_namespace = storage)]
    pub(super) type Sockets;

    #[wasm_bindgen(constructor, js_namespace = storage)]
    pub(super) fn new() -> Sockets;

    #[wasm_bindgen(method)]
    pub(super) fn get(this: &Sockets, socket: &WebSocket) -> Option<f64>;

    #[wasm_bindgen(method)]
    pub(super) fn set(this: &Sockets, socket: &WebSocket, key: f64);

    /// An event that is not finished.
    #[wasm_bindgen(js_namespace = storage)]
    pub(super) type Hold;

    #[wasm_bindgen(constructor, js_namespace = storage)]
    pub(super) fn new() -> Hold;

    #[wasm_bindgen(method)]
    pub(super) fn promise(this: &Hold) -> Promise;

    /// One without an event.
    #[wasm_bindgen(static_method_of = Hold, js_namespace = storage, js_name = ofTimer)]
    pub(super) fn of_timer() -> Hold;

    #[wasm_bindgen(method)]
    fn last(this: &Hold, place: &JsPlace, messages: Vec<String>, bytes: Option<Uint8Array>);

    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Hold);

    /// Calls a function when all events that have arrived are dealt with.
    #[wasm_bindgen(js_namespace = storage)]
    pub(super) type Timer;

    #[wasm_bindgen(constructor, js_namespace = storage)]
    pub(super) fn new() -> Timer;

    #[wasm_bindgen(method)]
    pub(super) fn start(this: &Timer, run: &Closure<dyn Fn()>);

    #[wasm_bindgen(method)]
    pub(super) fn cancel(this: &Timer);
}

/// What is saved in place of a session that has ended, as `storage.js` has it.
const ENDED: [u8; 1] = [0];

/// Where one session is saved.
pub(super) struct Place {
    place: JsPlace,
    /// What was saved last.
    bytes: RefCell<Vec<u8>>,
}

impl Place {
    pub(super) fn new(state: &DurableObjectState, socket: &WebSocket, key: &str) -> Self {
        Place { place: JsPlace::new(state, socket, key), bytes: RefCell::default() }
    }

    /// What was saved there. None if the session has ended.
    pub(super) fn load(&self) -> Result<Option<Vec<u8>>, JsValue> {
        let bytes = self.place.load()?.map(|bytes| bytes.to_vec()).unwrap_or_default();
        self.bytes.replace(bytes.clone());
        Ok(Some(bytes).filter(|bytes| *bytes != ENDED))
    }

    /// Saves bytes, unless they are what was saved last.
    pub(super) fn save(&self, bytes: &[u8]) -> Result<(), JsValue> {
        if *self.bytes.borrow() == bytes {
            return Ok(());
        }
        // A copy: a view would be saved with all of the memory behind it.
        self.place.save(Uint8Array::from(bytes))?;
        let saved = &mut *self.bytes.borrow_mut();
        saved.clear();
        saved.extend_from_slice(bytes);
        Ok(())
    }

    /// Has messages sent, and bytes saved if there are any, when an event is released.
    pub(super) fn save_last(&self, hold: &Hold, messages: &Outbox, bytes: Option<&[u8]>) {
        let messages = messages.messages().map(str::to_owned).collect();
        hold.last(&self.place, messages, bytes.map(Uint8Array::from));
    }

    /// The session has ended: it is not to be thawed again, and has nothing in the storage.
    pub(super) fn end(&self) {
        self.place.end();
    }
}

/// Deletes what sessions have left in the storage that are none of these.
pub(super) fn sweep(state: &DurableObjectState, keys: Vec<String>) {
    // Not now, then at the next wake.
    let _ = STORAGE.with(|storage| storage.sweep(state, keys));
}
