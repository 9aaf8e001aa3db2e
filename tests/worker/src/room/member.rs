use std::cell::Cell;

use topsail::prelude::*;
use topsail::{Durable, Host};

use super::Room;

/// Somebody who has logged in.
#[derive(Durable)]
#[durable(kind = "member")]
pub(crate) struct Member {
    room: Host<Room>,
    name: String,
    count: Cell<f64>,
}

impl Member {
    pub(super) fn new(room: Host<Room>, name: String) -> Self {
        Member { room, name, count: Cell::new(0.0) }
    }
}

#[rpc_target]
impl Member {
    pub fn whoami(&self) -> String {
        self.name.clone()
    }

    pub fn say(&self, text: &str) -> Result<u32, RpcError> {
        self.room.post(format!("{}: {text}", self.name))
    }

    pub fn increment(&self, #[rpc(default = 1.0)] n: f64) -> f64 {
        self.count.update(|count| count + n);
        self.count.get()
    }

    #[rpc(get)]
    pub fn count(&self) -> f64 {
        self.count.get()
    }
}
