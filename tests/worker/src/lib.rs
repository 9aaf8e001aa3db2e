//! The conformance Worker: fixed objects for any Cap'n Web client to be tested against.

mod capabilities;
mod counter;
mod errors;
mod face;
mod kinds;
mod native;
mod room;
mod streams;
mod target;
mod tracked;
mod users;
mod web;

use topsail::prelude::*;
use worker::{Context, Env, Request, Response, Result, event};

use target::TestTarget;

#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    let path = req.path();
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["", "api"] => new_workers_rpc_response(req, TestTarget::new(env)).await,
        ["", "room", name] if !name.is_empty() => room::forward(req, &env, name).await,
        _ => Response::error("Not found", 404),
    }
}
