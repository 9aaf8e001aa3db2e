use topsail::prelude::*;

struct Api;

impl Api {
    pub fn hello(&self) {}
}

async fn fetch(req: RawRequest) -> worker::Result<RawResponse> {
    new_workers_rpc_response(req, Api).await
}

fn main() {}
