use std::cell::Cell;

use topsail::prelude::*;

/// Counts from a number on.
pub(crate) struct Counter {
    value: Cell<f64>,
}

impl Counter {
    pub(crate) fn new(value: f64) -> Self {
        Counter { value: Cell::new(value) }
    }
}

#[rpc_target]
impl Counter {
    pub fn increment(&self, #[rpc(default = 1.0)] amount: f64) -> f64 {
        self.value.update(|value| value + amount);
        self.value.get()
    }

    #[rpc(get)]
    pub fn value(&self) -> f64 {
        self.value.get()
    }
}
