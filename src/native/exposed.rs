//! Stubs as native functions and objects.

use std::cell::RefCell;

use js_sys::Array;
use topsail_core::proto::Path;
use topsail_core::{Outgoing, RawStub, RpcError, RpcPromise, RpcStub, Untyped, Value};
use wasm_bindgen::{JsValue, prelude::Closure};

use super::js::NATIVE;
use super::rules::NativeRules;
use super::stub::NativeStub;
use super::value;
use crate::{answer, executor, instance};

/// The operations, as `native.js` has them.
const CALL: u32 = 0;
const GET: u32 = 1;
const DUP: u32 = 2;
const DISPOSE: u32 = 3;

/// Takes an operation, a path, and the text and capabilities of arguments.
type Handle = dyn Fn(u32, Array, String, Option<Array>) -> JsValue;

/// A native function and object that passes everything on to a stub.
pub(super) fn expose(stub: RawStub, rules: NativeRules) -> JsValue {
    let slot = RefCell::new(Some(stub));
    let handle: Box<Handle> = Box::new(move |operation, path, text, caps| match operation {
        DISPOSE => {
            drop(slot.take());
            JsValue::UNDEFINED
        }
        DUP => expose(held(&slot), rules),
        _ => operate(&held(&slot), rules, operation, &path, text, caps.as_ref()),
    });
    // Freed when nothing of JavaScript refers to it any more.
    let handle = Closure::wrap_assert_unwind_safe(handle).into_js_value();
    NATIVE.with(|native| native.expose(&handle, rules.bits()))
}

/// Makes a call or reads a property; gives the result, or the promise of it.
pub(super) fn operate(
    stub: &RawStub,
    rules: NativeRules,
    operation: u32,
    path: &Array,
    text: String,
    caps: Option<&Array>,
) -> JsValue {
    let path = to_path(path);
    // What the call wakes runs before this returns.
    executor::within(|| match operation {
        CALL => {
            let to_cap = |object| NativeStub::new_raw(object, rules);
            let arguments = value::from_parts(text, caps, to_cap);
            answered(stub.call(&path, Ok(arguments)), rules)
        }
        GET => answered(stub.get(&path), rules),
        _ => JsValue::UNDEFINED,
    })
}

fn held(slot: &RefCell<Option<RawStub>>) -> RawStub {
    let stub = slot.borrow().clone();
    stub.unwrap_or_else(|| {
        RpcStub::<Untyped>::failed(RpcError::error("the stub was disposed of")).into_raw()
    })
}

fn to_path(names: &Array) -> Path {
    let mut path = Path::new();
    for name in names.iter() {
        path.push(&name.as_string().unwrap_or_default());
    }
    path
}

/// What a promise becomes, as JavaScript has it.
fn answered(result: RawStub, rules: NativeRules) -> JsValue {
    let result = RpcPromise::<Value>::from_raw(result).into_outgoing();
    let settled = async move {
        let result: Option<Result<Outgoing, RpcError>> = instance::contain(result).await;
        match result.unwrap_or_else(|| Err(RpcError::error("The server failed."))) {
            Ok(value) => value::to_js(&value, rules),
            Err(error) => Err(value::error_to_js(&error)),
        }
    };
    answer::value(Box::pin(settled))
}
