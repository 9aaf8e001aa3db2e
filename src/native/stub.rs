//! Native objects as targets.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use topsail_core::{
    Answer, Arguments, Outgoing, PromisedTarget, Property, RawStub, RpcError, RpcStub, RpcTarget,
    Settle, Untyped,
};
use wasm_bindgen::JsValue;

use super::js::{DISPOSAL, NATIVE};
use super::names;
use super::rules::NativeRules;
use super::settled::{self, Outcome, Reserved, Settled, Settling};
use super::streams;
use super::value::{self, Way};
use crate::text;

/// A native object, or the promise of one: it takes calls alike.
pub(super) struct NativeStub {
    object: JsValue,
    /// None: those of whoever calls.
    rules: Option<NativeRules>,
    connection: Rc<Connection>,
    /// What the promise becomes owns itself.
    is_resolved: Cell<bool>,
    /// Where a session waits for that: no longer than it has the promise.
    handed: Cell<Option<Reserved>>,
    /// Whose property this is: the runtime reads it when its value is asked for, from a stub that must live.
    _owner: Option<Rc<NativeStub>>,
}

/// What native objects have in common that come from each other.
#[derive(Default)]
struct Connection {
    broken: RefCell<Option<RpcError>>,
    callbacks: RefCell<Vec<OnBroken>>,
}

/// What `on_broken` was given.
type OnBroken = Box<dyn FnOnce(RpcError)>;

impl NativeStub {
    pub(super) fn new(object: JsValue, rules: Option<NativeRules>) -> Rc<Self> {
        NativeStub::on(object, rules, Rc::default())
    }

    pub(super) fn new_raw(object: JsValue, rules: NativeRules) -> RawStub {
        NativeStub::raw_on(object, rules, &Rc::default())
    }

    /// A native object or stream as a capability.
    fn raw_on(object: JsValue, rules: NativeRules, connection: &Rc<Connection>) -> RawStub {
        streams::from_js(&object, rules).unwrap_or_else(|| {
            let stub = NativeStub::on(object, Some(rules), Rc::clone(connection));
            RpcStub::<Untyped>::from_target(stub).into_raw()
        })
    }

    /// The native object that a stub is of.
    pub(super) fn of(stub: &RawStub) -> Option<Rc<NativeStub>> {
        let target: Rc<dyn Any> = stub.target()?;
        target.downcast().ok()
    }

    pub(super) fn object(&self) -> &JsValue {
        &self.object
    }

    fn on(object: JsValue, rules: Option<NativeRules>, connection: Rc<Connection>) -> Rc<Self> {
        Rc::new(NativeStub::owned_by(None, object, rules, connection))
    }

    fn owned_by(
        owner: Option<Rc<NativeStub>>,
        object: JsValue,
        rules: Option<NativeRules>,
        connection: Rc<Connection>,
    ) -> Self {
        let (is_resolved, handed) = (Cell::new(false), Cell::new(None));
        NativeStub { object, rules, connection, is_resolved, handed, _owner: owner }
    }

    fn rules(&self) -> NativeRules {
        self.rules.unwrap_or_else(NativeRules::current)
    }

    fn send(&self, name: Option<&str>, mut arguments: Arguments<'_>) -> Answer {
        let list: Outgoing = match arguments.all() {
            Ok(list) => list,
            Err(error) => return Answer::Ready(Err(error)),
        };
        let (text, caps) = value::to_parts(&list, self.rules(), Way::Sent);
        let (place, length) = text::place(&text);
        let call = |name: &JsValue| {
            NATIVE.with(|native| native.call(&self.object, name, place, length, caps))
        };
        let promise = match name {
            Some(name) => names::with(name, call),
            None => call(&JsValue::UNDEFINED),
        };
        self.answer(promise, None)
    }

    fn answer(&self, promise: Result<JsValue, JsValue>, owner: Option<Rc<NativeStub>>) -> Answer {
        match promise {
            Ok(promise) => {
                let (rules, connection) = (Some(self.rules()), Rc::clone(&self.connection));
                let promise = NativeStub::owned_by(owner, promise, rules, connection);
                Answer::Promised(Rc::new(promise))
            }
            Err(thrown) => Answer::Ready(Err(value::error(thrown))),
        }
    }

    /// An element of a list, into which Workers RPC has no paths: calls on it wait for the list.
    fn element(self: Rc<Self>, index: &str) -> LocalBoxFuture<'static, Result<Outgoing, RpcError>> {
        let rules = self.rules();
        let settling = Settling::element(&self.object, index, rules);
        Box::pin(async move { self.connection.settled(settling.await, rules) })
    }
}

fn is_index(property: &str) -> bool {
    !property.is_empty() && property.bytes().all(|byte| byte.is_ascii_digit())
}

impl RpcTarget for NativeStub {
    fn call(self: Rc<Self>, method: &str, arguments: Arguments<'_>) -> Answer {
        if is_index(method) {
            return Answer::NoSuchMethod;
        }
        self.send(Some(method), arguments)
    }

    fn invoke(self: Rc<Self>, arguments: Arguments<'_>) -> Answer {
        self.send(None, arguments)
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        if is_index(property) {
            return Property::Value(Answer::Pending(self.element(property)));
        }
        let get = |name: &JsValue| NATIVE.with(|native| native.get(&self.object, name));
        let promise = names::with(property, get);
        Property::Value(self.answer(promise, Some(Rc::clone(&self))))
    }

    fn on_broken(self: Rc<Self>, callback: OnBroken) {
        self.connection.watch(callback);
    }
}

impl PromisedTarget for NativeStub {
    fn resolve(self: Rc<Self>) -> LocalBoxFuture<'static, Result<Outgoing, RpcError>> {
        self.is_resolved.set(true);
        let rules = self.rules();
        let settling = Settling::new(&self.object, rules);
        Box::pin(async move { self.connection.settled(settling.await, rules) })
    }

    fn resolve_to(self: Rc<Self>, settle: Settle) -> Option<Settle> {
        self.is_resolved.set(true);
        let (rules, connection) = (self.rules(), Rc::clone(&self.connection));
        let handed = settled::hand(&self.object, rules, move |settled| {
            settle.settle(|| connection.settled(settled, rules));
        });
        self.handed.set(Some(handed));
        None
    }
}

impl Drop for NativeStub {
    fn drop(&mut self) {
        if !self.is_resolved.get() {
            DISPOSAL.with(|disposal| disposal.dispose(&self.object));
        }
    }
}

impl Connection {
    /// What the promise of one of the objects has become.
    fn settled(
        self: &Rc<Self>,
        settled: Settled,
        rules: NativeRules,
    ) -> Result<Outgoing, RpcError> {
        let Settled { text, caps, outcome, .. } = settled;
        if matches!(outcome, Outcome::Resolved | Outcome::Done) {
            return Ok(value::from_parts(text, caps.as_ref(), |object| {
                NativeStub::raw_on(object, rules, self)
            }));
        }
        let error = value::error_from_text(&text);
        if outcome == Outcome::Broken {
            self.break_with(&error);
        }
        Err(error)
    }

    fn watch(&self, callback: OnBroken) {
        let broken = self.broken.borrow().clone();
        match broken {
            Some(error) => callback(error),
            None => self.callbacks.borrow_mut().push(callback),
        }
    }

    fn break_with(&self, error: &RpcError) {
        self.broken.borrow_mut().get_or_insert_with(|| error.clone());
        for callback in self.callbacks.take() {
            callback(error.clone());
        }
    }
}
