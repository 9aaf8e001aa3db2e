use std::cell::Cell;
use std::rc::Rc;

use topsail::prelude::*;

/// A target that is counted when it is disposed of.
pub(crate) struct Tracked {
    id: u32,
    disposed: Rc<Cell<u32>>,
}

impl Tracked {
    pub(crate) fn new(id: u32, disposed: Rc<Cell<u32>>) -> Self {
        Tracked { id, disposed }
    }
}

#[rpc_target]
impl Tracked {
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.disposed.update(|count| count + 1);
    }
}
