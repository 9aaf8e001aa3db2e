//! The example of the README, and the Worker whose size is measured.

use topsail::prelude::*;
use worker::{Context, Env};

struct Api;
struct Counter(std::cell::Cell<i64>);

#[rpc_target]
impl Api {
    pub fn hello(&self, name: String) -> String {
        format!("Hello, {name}!")
    }
    pub fn make_counter(&self) -> Counter {
        Counter(0.into())
    }
}

#[rpc_target]
impl Counter {
    pub fn increment(&self, by: i64) -> i64 {
        self.0.set(self.0.get() + by);
        self.0.get()
    }
}

#[topsail::event(fetch)]
async fn fetch(req: RawRequest, _env: Env, _ctx: Context) -> worker::Result<RawResponse> {
    new_workers_rpc_response(req, Api).await // POST is a batch, Upgrade a WebSocket
}
