use topsail::rpc_target;
use std::sync::Arc;

struct Api;

#[rpc_target]
impl Api {
    pub fn count(self: Arc<Self>) {}
}

fn main() {}
