use topsail::prelude::*;

struct Api;

#[rpc_target]
impl Api {}

async fn fetch(request: String) {
    drop(new_workers_rpc_response(request, Api).await);
}

fn main() {}
