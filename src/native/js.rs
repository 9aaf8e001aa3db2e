//! The JavaScript beside this module.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};

/// Takes a number, the text and capabilities of a value or the text of an error, and which it is; or bytes
/// in place of a value, or of a long text.
pub(super) type Deliver = dyn Fn(u32, String, Option<Array>, u32, Option<Vec<u8>>);

#[wasm_bindgen(module = "/src/native/native.js")]
extern "C" {
    pub(super) type Native;

    #[wasm_bindgen(thread_local_v2, js_name = native)]
    pub(super) static NATIVE: Native;

    /// A native stub of an object, if it is one of this side's.
    #[wasm_bindgen(method)]
    pub(super) fn adopt(this: &Native, object: &JsValue) -> JsValue;

    /// Calls a method of a native object; if its name is undefined, the object itself. The arguments are the
    /// text at a place of [`text::place`](crate::text::place).
    #[wasm_bindgen(method, catch)]
    pub(super) fn call(
        this: &Native,
        object: &JsValue,
        name: &JsValue,
        place: u32,
        length: u32,
        caps: Option<Array>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn get(this: &Native, object: &JsValue, name: &JsValue) -> Result<JsValue, JsValue>;

    /// As `settle`, with an element of the list that a promise becomes.
    #[wasm_bindgen(method)]
    pub(super) fn element(
        this: &Native,
        promise: &JsValue,
        index: &str,
        rules: u32,
        number: u32,
        deliver: &Closure<Deliver>,
    );

    /// Has `deliver` called once, with the number and what the promise becomes.
    #[wasm_bindgen(method)]
    pub(super) fn settle(
        this: &Native,
        promise: &JsValue,
        rules: u32,
        number: u32,
        deliver: &Closure<Deliver>,
    );

    /// As `settle`, with what a reader reads next.
    #[wasm_bindgen(method)]
    pub(super) fn read(
        this: &Native,
        reader: &JsValue,
        rules: u32,
        number: u32,
        deliver: &Closure<Deliver>,
    );

    /// One more reference to a native object.
    #[wasm_bindgen(method)]
    pub(super) fn dup(this: &Native, object: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn expose(this: &Native, handle: &JsValue, rules: u32) -> JsValue;

    #[wasm_bindgen(method, catch, js_name = objectNamed)]
    pub(super) fn object_named(
        this: &Native,
        env: &JsValue,
        binding: &JsValue,
        name: &str,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn service(
        this: &Native,
        env: &JsValue,
        binding: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/src/native/dispose.js")]
extern "C" {
    pub(super) type Disposal;

    #[wasm_bindgen(thread_local_v2, js_name = disposal)]
    pub(super) static DISPOSAL: Disposal;

    #[wasm_bindgen(method)]
    pub(super) fn dispose(this: &Disposal, value: &JsValue);

    /// Ends a capability that nobody has got.
    #[wasm_bindgen(method, js_name = giveUp)]
    pub(super) fn give_up(this: &Disposal, cap: &JsValue);
}

#[wasm_bindgen(module = "/src/native/decode.js")]
extern "C" {
    pub(super) type Decoder;

    #[wasm_bindgen(thread_local_v2, js_name = decoder)]
    pub(super) static DECODER: Decoder;

    #[wasm_bindgen(method, catch)]
    pub(super) fn decode(
        this: &Decoder,
        text: &str,
        caps: Option<Array>,
    ) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/src/native/encode.js")]
extern "C" {
    pub(super) type Encoder;

    #[wasm_bindgen(thread_local_v2, js_name = encoder)]
    pub(super) static ENCODER: Encoder;

    #[wasm_bindgen(method, catch)]
    pub(super) fn encode(
        this: &Encoder,
        value: &JsValue,
        caps: &Array,
        rules: u32,
    ) -> Result<String, JsValue>;

    #[wasm_bindgen(method, js_name = encodeError)]
    pub(super) fn encode_error(this: &Encoder, thrown: &JsValue) -> String;
}

#[wasm_bindgen(module = "/src/native/face.js")]
extern "C" {
    pub(super) type Face;

    #[wasm_bindgen(thread_local_v2, js_name = face)]
    pub(super) static FACE: Face;

    #[wasm_bindgen(method, js_name = durableObject)]
    pub(super) fn durable_object(this: &Face, inner: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn entrypoint(this: &Face, inner: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/src/native/streams.js")]
extern "C" {
    pub(super) type Streams;

    #[wasm_bindgen(thread_local_v2, js_name = streams)]
    pub(super) static STREAMS: Streams;

    #[wasm_bindgen(method)]
    pub(super) fn readable(this: &Streams, take: &JsValue, is_sent: bool) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn writable(this: &Streams, give: &JsValue, rules: u32) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn reader(this: &Streams, stream: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn writer(this: &Streams, stream: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub(super) fn cancel(this: &Streams, reader: &JsValue, reason: &JsValue);

    /// Writes a chunk, or without one closes the stream.
    #[wasm_bindgen(method)]
    pub(super) fn write(
        this: &Streams,
        writer: &JsValue,
        text: Option<&str>,
        caps: Option<Array>,
    ) -> Promise;

    /// Writes a chunk of bytes, of which it makes a copy.
    #[wasm_bindgen(method, js_name = writeBytes)]
    pub(super) fn write_bytes(this: &Streams, writer: &JsValue, bytes: &[u8]) -> Promise;

    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &Streams, writer: &JsValue, reason: &JsValue);
}
