//! What the servers can do, and what is given to them.

use std::cell::Cell;
use std::rc::Rc;

use serde::Deserialize;
use topsail::prelude::*;

/// Of the conformance Worker's object, what is called by its types.
#[rpc_interface]
pub(crate) trait Api {
    fn square(&self, i: f64) -> f64;
    fn greet(&self, name: String, punctuation: Option<String>) -> String;
    fn range(&self, n: u32) -> Vec<f64>;
    fn make_counter(&self, i: f64) -> RpcStub<dyn Counter>;
    fn increment_counter(&self, counter: RpcStub<dyn Counter>, amount: f64) -> f64;
    fn call_function(&self, function: RpcStub, i: f64) -> Called;
    fn call_twice(&self, function: RpcStub, i: f64) -> Vec<f64>;
    fn keep(&self, capability: RpcStub);
    fn call_kept(&self, i: f64) -> f64;
    fn drop_kept(&self);
    #[rpc(get)]
    fn nested(&self) -> Nested;
}

#[rpc_interface]
pub(crate) trait Counter {
    fn increment(&self, amount: f64) -> f64;
    #[rpc(get)]
    fn value(&self) -> f64;
}

#[derive(Deserialize)]
pub(crate) struct Called {
    pub(crate) result: f64,
}

#[derive(Deserialize)]
pub(crate) struct Nested {
    pub(crate) counter: RpcStub<dyn Counter>,
    pub(crate) list: Vec<f64>,
}

/// A counter of this side. A clone is the same counter.
#[derive(Clone, Default)]
pub(crate) struct LocalCounter(Rc<Cell<f64>>);

impl LocalCounter {
    pub(crate) fn get(&self) -> f64 {
        self.0.get()
    }
}

#[rpc_target]
impl Counter for LocalCounter {
    fn increment(&self, amount: f64) -> f64 {
        self.0.update(|value| value + amount);
        self.0.get()
    }

    fn value(&self) -> f64 {
        self.0.get()
    }
}

/// The main object that the other side gets.
pub(crate) struct Main;

#[rpc_target]
impl Main {
    pub fn hello(&self, name: String) -> String {
        format!("Hello, {name}, from Rust!")
    }
}
