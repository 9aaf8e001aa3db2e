//! The places in which sessions are saved. See `storage.js`.

use std::cell::{Cell, RefCell};

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;

#[wasm_bindgen(module = "/src/durable/storage.js")]
extern "C" {
    type Storage;

    #[wasm_bindgen(thread_local_v2, js_name = storage)]
    static STORAGE: Storage;

    #[wasm_bindgen(method, catch)]
    fn attach(this: &Storage, socket: &WebSocket, bytes: Uint8Array) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn attached(this: &Storage, socket: &WebSocket) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn spill(
        this: &Storage,
        state: &DurableObjectState,
        key: &str,
        bytes: Uint8Array,
        before: u32,
    ) -> Result<u32, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn unspill(
        this: &Storage,
        state: &DurableObjectState,
        key: &str,
        count: u32,
    ) -> Result<Uint8Array, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn forget(
        this: &Storage,
        state: &DurableObjectState,
        key: &str,
        count: u32,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sweep(this: &Storage, state: &DurableObjectState, keys: Vec<String>) -> Result<(), JsValue>;

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

    #[wasm_bindgen(method)]
    pub(super) fn release(this: &Hold);
}

/// The most bytes that are attached to a socket. The runtime takes 16,384, of which the form of a
/// typed array takes some.
const MAX_ATTACHED_BYTES: usize = 16_320;

/// The first byte of an attachment that only says that the session was spilled, and into how many
/// parts. No saved session begins with it.
const SPILLED: u8 = 0;

/// Where one session is saved.
pub(super) struct Place {
    state: DurableObjectState,
    socket: WebSocket,
    key: String,
    /// What was saved last.
    bytes: RefCell<Vec<u8>>,
    /// How many parts there are in the storage.
    parts: Cell<u32>,
}

impl Place {
    pub(super) fn new(state: DurableObjectState, socket: WebSocket, key: String) -> Self {
        Place { state, socket, key, bytes: RefCell::default(), parts: Cell::new(0) }
    }

    /// What was saved there.
    pub(super) fn load(&self) -> Result<Vec<u8>, JsValue> {
        let attached = STORAGE.with(|storage| storage.attached(&self.socket))?;
        let attached = attached.map(|bytes| bytes.to_vec()).unwrap_or_default();
        let bytes = match attached.as_slice() {
            &[SPILLED, a, b, c, d] => {
                let parts = u32::from_le_bytes([a, b, c, d]);
                self.parts.set(parts);
                STORAGE.with(|storage| storage.unspill(&self.state, &self.key, parts))?.to_vec()
            }
            _ => attached,
        };
        self.bytes.replace(bytes.clone());
        Ok(bytes)
    }

    /// Saves bytes, unless they are what was saved last.
    pub(super) fn save(&self, bytes: &[u8]) -> Result<(), JsValue> {
        if *self.bytes.borrow() == bytes {
            return Ok(());
        }
        if bytes.len() <= MAX_ATTACHED_BYTES {
            self.attach(bytes)?;
            self.forget();
        } else {
            let (before, all) = (self.parts.get(), Uint8Array::from(bytes));
            let parts =
                STORAGE.with(|storage| storage.spill(&self.state, &self.key, all, before))?;
            self.parts.set(parts);
            let [a, b, c, d] = parts.to_le_bytes();
            self.attach(&[SPILLED, a, b, c, d])?;
        }
        let saved = &mut *self.bytes.borrow_mut();
        saved.clear();
        saved.extend_from_slice(bytes);
        Ok(())
    }

    /// Deletes what is in the storage.
    pub(super) fn forget(&self) {
        let parts = self.parts.replace(0);
        if parts > 0 {
            // What remains is swept when the object wakes.
            let _ = STORAGE.with(|storage| storage.forget(&self.state, &self.key, parts));
        }
    }

    fn attach(&self, bytes: &[u8]) -> Result<(), JsValue> {
        // A copy: a view would be saved with all of the memory behind it.
        STORAGE.with(|storage| storage.attach(&self.socket, Uint8Array::from(bytes)))
    }
}

/// Deletes what sessions have left in the storage that are none of these.
pub(super) fn sweep(state: &DurableObjectState, keys: Vec<String>) {
    // Not now, then at the next wake.
    let _ = STORAGE.with(|storage| storage.sweep(state, keys));
}
