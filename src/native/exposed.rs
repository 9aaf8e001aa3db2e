//! Stubs as native functions and objects.

use std::cell::RefCell;

use js_sys::{Array, Promise};
use topsail_core::proto::Path;
use topsail_core::{AtOnce, Outgoing, RawStub, RpcError, RpcPromise, RpcStub, Untyped, Value};
use wasm_bindgen::{JsValue, prelude::Closure};

use super::js::NATIVE;
use super::rules::NativeRules;
use super::stub::NativeStub;
use super::value::{self, Way};
use crate::{answer, executor, instance};

/// The operations, as `native.js` has them.
const CALL: u32 = 0;
const GET: u32 = 1;
const DUP: u32 = 2;
const DISPOSE: u32 = 3;

/// Takes an operation, the name of a member or the path to one further inside (neither: the object
/// itself), and the text and capabilities of arguments.
type Handle = dyn Fn(u32, Option<String>, Option<Array>, String, Option<Array>) -> JsValue;

/// A native function and object that passes everything on to a stub.
pub(super) fn expose(stub: RawStub, rules: NativeRules) -> JsValue {
    let slot = RefCell::new(Some(stub));
    let handle: Box<Handle> = Box::new(move |operation, name, path, text, caps| match operation {
        DISPOSE => {
            drop(slot.take());
            JsValue::UNDEFINED
        }
        DUP => expose(held(&slot), rules),
        _ => {
            let to = Member { name, path };
            operate(&held(&slot), rules, operation, &to, text, caps.as_ref())
        }
    });
    // Freed when nothing of JavaScript refers to it any more.
    let handle = Closure::wrap_assert_unwind_safe(handle).into_js_value();
    NATIVE.with(|native| native.expose(&handle, rules.bits()))
}

/// What of an object is meant: a member, something further inside, or with neither it itself.
pub(super) struct Member {
    pub(super) name: Option<String>,
    pub(super) path: Option<Array>,
}

impl Member {
    fn to_path(&self) -> Path {
        let mut path = Path::new();
        self.name.iter().for_each(|name| path.push(name));
        for name in self.path.iter().flat_map(Array::iter) {
            path.push(&name.as_string().unwrap_or_default());
        }
        path
    }
}

/// Makes a call or reads a property; gives the result, or the promise of it. JavaScript catches what
/// it throws.
pub(super) fn operate(
    stub: &RawStub,
    rules: NativeRules,
    operation: u32,
    to: &Member,
    text: String,
    caps: Option<&Array>,
) -> JsValue {
    // What the call wakes runs before this returns.
    let run = || match operation {
        CALL => {
            let to_cap = |object| NativeStub::new_raw(object, rules);
            call(stub, rules, to, value::list_from_parts(text, caps, to_cap))
        }
        GET => answered(stub.get(&to.to_path()), rules),
        _ => JsValue::UNDEFINED,
    };
    let result = instance::run_owed(|| executor::within(run));
    result.unwrap_or_else(|| thrown(failed()))
}

fn call(stub: &RawStub, rules: NativeRules, to: &Member, arguments: Outgoing) -> JsValue {
    let called = match &to.name {
        Some(name) => stub.call_at_once(name, arguments),
        None => AtOnce::Promise(stub.call(&to.to_path(), Ok(arguments))),
    };
    match called {
        AtOnce::Ready(result) => to_js(result, rules).unwrap_or_else(thrown),
        AtOnce::Promise(promise) => answered(promise, rules),
    }
}

fn to_js(result: Result<Outgoing, RpcError>, rules: NativeRules) -> Result<JsValue, JsValue> {
    match result {
        Ok(value) => value::to_js(&value, rules, Way::Sent),
        Err(error) => Err(value::error_to_js(&error)),
    }
}

fn thrown(error: JsValue) -> JsValue {
    Promise::reject(&error).into()
}

fn failed() -> JsValue {
    value::error_to_js(&RpcError::error("The server failed."))
}

fn held(slot: &RefCell<Option<RawStub>>) -> RawStub {
    let stub = slot.borrow().clone();
    stub.unwrap_or_else(|| {
        RpcStub::<Untyped>::failed(RpcError::error("the stub was disposed of")).into_raw()
    })
}

/// What a promise becomes, as JavaScript has it.
fn answered(result: RawStub, rules: NativeRules) -> JsValue {
    let in_flight = InFlight(Some(result.clone()));
    let result = RpcPromise::<Value>::from_raw(result).into_outgoing();
    let settled = async move {
        let result: Option<Result<Outgoing, RpcError>> = instance::contain(result).await;
        in_flight.end();
        result.map_or_else(|| Err(failed()), |result| to_js(result, rules))
    };
    answer::value(Box::pin(settled))
}

/// A call that is not answered yet. It ends with the request that would wake it.
struct InFlight(Option<RawStub>);

impl InFlight {
    fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call.fail_call(RpcError::error("the request was cancelled"));
        }
    }
}
