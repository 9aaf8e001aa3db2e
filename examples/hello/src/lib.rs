//! The smallest Worker: one object with one method.

use topsail::prelude::*;
use worker::{Context, Env, Request, Response, Result, event};

struct Api;

#[rpc_target]
impl Api {
    /// Says hello.
    pub fn hello(&self, name: String) -> String {
        format!("Hello, {name}!")
    }
}

#[event(fetch)]
async fn fetch(req: Request, _env: Env, _ctx: Context) -> Result<Response> {
    new_workers_rpc_response(req, Api).await
}
