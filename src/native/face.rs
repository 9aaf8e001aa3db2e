//! Rust objects as classes that answer calls of Workers RPC.

/// Lets a Rust Durable Object answer native calls: `native_durable_object!(Room, Room::api);`.
///
/// The first argument is the type under `#[durable_object]`; the second a function that gives a
/// stub of the object's native face, from a reference to it. It is called for each call, so it
/// should give a stub of the same target every time.
///
/// ```ignore
/// use std::rc::Rc;
/// use topsail::{native_durable_object, prelude::*};
/// use worker::*; // what `#[durable_object]` needs, `wasm_bindgen` above all
///
/// #[durable_object]
/// pub struct Room {
///     api: Rc<RoomApi>, // under `#[rpc_target]`
/// }
///
/// impl DurableObject for Room {
///     fn new(_state: State, _env: Env) -> Self {
///         Room { api: Rc::default() }
///     }
///     async fn fetch(&self, _req: Request) -> Result<Response> {
///         Response::error("native calls only", 404)
///     }
/// }
///
/// native_durable_object!(Room, |room| RpcStub::new(Rc::clone(&room.api)));
/// ```
///
/// The runtime serves native calls only on classes of a certain base, which `worker` does not
/// make. So the Worker needs a module of JavaScript, `main` in its `wrangler.toml`, that names the
/// class once more:
///
/// ```js
/// import * as rust from "./build/index.js";
/// export * from "./build/index.js";
/// export default rust.Topsail.handler(rust.default);
/// export class Room extends rust.Room.native(rust.Room) {}
/// ```
///
/// Events (`fetch`, alarms, WebSockets) go to the Rust object as before.
#[macro_export]
macro_rules! native_durable_object {
    ($object:ty, $face:expr) => {
        $crate::__native_class!($object, $face, durable_object);
    };
}

/// Makes an entrypoint of a Rust Worker, to be bound as a service by others:
/// `native_entrypoint!(Greeter, |env| RpcStub::new(GreeterApi::new(env)));`.
///
/// The first argument is the name of the class; the second a function that gives a stub of the
/// object that answers, from the environment: once for each request. The main module names the class
/// as for [`native_durable_object!`](crate::native_durable_object). `worker::wasm_bindgen` must be in
/// scope, as for `#[durable_object]`.
#[macro_export]
macro_rules! native_entrypoint {
    ($name:ident, $make:expr) => {
        #[doc = "An entrypoint of the Worker."]
        #[$crate::native::private::wasm_bindgen(
                                    wasm_bindgen = $crate::native::private::wasm_bindgen_crate
                                )]
        pub struct $name($crate::native::private::Served);

        #[$crate::native::private::wasm_bindgen(
                                    wasm_bindgen = $crate::native::private::wasm_bindgen_crate
                                )]
        impl $name {
            #[doc = "For the runtime."]
            #[wasm_bindgen(constructor)]
            pub fn new(
                _context: $crate::native::private::JsValue,
                env: $crate::native::private::Env,
            ) -> Self {
                $crate::native::private::start();
                let make: fn(_) -> _ = $make;
                $name($crate::native::private::Served::new(make(env)))
            }
        }

        $crate::__native_class!(
            $name,
            |this: &$name| this.0.stub(),
            entrypoint
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __native_class {
    ($object:ty, $face:expr, $kind:ident) => {
        #[$crate::native::private::wasm_bindgen(
                                    wasm_bindgen = $crate::native::private::wasm_bindgen_crate
                                )]
        impl $object {
            #[doc = "The class that answers native calls, around this one."]
            #[wasm_bindgen(js_name = native)]
            pub fn __topsail_native(
                class: $crate::native::private::JsValue,
            ) -> $crate::native::private::JsValue {
                $crate::native::private::$kind(&class)
            }

            #[doc = "Answers a native call."]
            #[wasm_bindgen(js_name = rpc)]
            pub fn __topsail_rpc(
                &self,
                operation: u32,
                name: Option<String>,
                path: Option<$crate::native::private::Array>,
                text: String,
                caps: Option<$crate::native::private::Array>,
            ) -> $crate::native::private::JsValue {
                $crate::native::private::start();
                let face: fn(&$object) -> _ = $face;
                let stub = $crate::RpcStub::into_raw(face(self));
                $crate::native::private::answer(&stub, operation, name, path, text, caps.as_ref())
            }
        }
    };
}

/// What the macros need.
#[doc(hidden)]
pub mod private {
    use std::panic::AssertUnwindSafe;

    pub use js_sys::Array;
    use topsail_core::{RawStub, RpcStub};
    pub use wasm_bindgen::{self as wasm_bindgen_crate, JsValue, prelude::wasm_bindgen};
    pub use worker::Env;

    use crate::native::NativeRules;
    use crate::native::exposed::{Member, operate};
    use crate::native::js::FACE;

    pub use crate::instance::start;

    /// What an entrypoint serves. A panic finds its session whole: none of it is borrowed while code
    /// of the application runs.
    pub struct Served(AssertUnwindSafe<RawStub>);

    impl Served {
        pub fn new<T: ?Sized>(stub: RpcStub<T>) -> Self {
            Served(AssertUnwindSafe(stub.into_raw()))
        }

        pub fn stub(&self) -> RpcStub {
            RpcStub::from_raw(self.0.clone())
        }
    }

    pub fn durable_object(class: &JsValue) -> JsValue {
        FACE.with(|face| face.durable_object(class))
    }

    pub fn entrypoint(class: &JsValue) -> JsValue {
        FACE.with(|face| face.entrypoint(class))
    }

    pub fn answer(
        stub: &RawStub,
        operation: u32,
        name: Option<String>,
        path: Option<Array>,
        text: String,
        caps: Option<&Array>,
    ) -> JsValue {
        operate(stub, NativeRules::default(), operation, &Member { name, path }, text, caps)
    }
}
