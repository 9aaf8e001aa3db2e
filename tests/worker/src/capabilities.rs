//! Results with capabilities inside, and what the objects of a client can do.

use serde::Serialize;
use topsail::function;
use topsail::prelude::*;

use crate::counter::Counter;

/// A target that can square.
#[rpc_interface]
pub(crate) trait Squaring {
    fn square(&self, i: f64) -> f64;
}

/// A target that can count.
#[rpc_interface]
pub(crate) trait Incrementing {
    fn increment(&self, amount: f64) -> f64;
}

/// `{result}`
#[derive(Serialize)]
pub(crate) struct Wrapped<T> {
    pub(crate) result: T,
}

/// A name and a counter.
#[derive(Serialize)]
pub(crate) struct Friend {
    name: &'static str,
    counter: RpcStub<Counter>,
}

impl Friend {
    pub(crate) fn all() -> [Friend; 3] {
        [("alice", 0.0), ("bob", 1.0), ("carol", 2.0)]
            .map(|(name, start)| Friend { name, counter: RpcStub::new(Counter::new(start)) })
    }
}

/// Functions, targets and data at once.
#[derive(Serialize)]
pub(crate) struct Nested {
    square: RpcStub,
    counter: RpcStub<Counter>,
    list: [u32; 3],
    deep: Deep,
}

#[derive(Serialize)]
struct Deep {
    value: u32,
}

impl Nested {
    pub(crate) fn new() -> Self {
        Nested {
            square: function(|i: f64| i * i),
            counter: RpcStub::new(Counter::new(0.0)),
            list: [1, 2, 3],
            deep: Deep { value: 42 },
        }
    }
}
