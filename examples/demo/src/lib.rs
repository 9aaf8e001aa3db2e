//! The protocol's own showcase: log in, and with what that gives fetch a profile and those of all
//! friends, in one round trip; and a call of the client's function by the server.

mod api;
mod error;
mod users;

use topsail::prelude::*;
use worker::{Context, Env, Method, Request, Response, Result};

use api::PublicApi;

const HELP: &str = "\
This is a demo of Topsail: Cap'n Web for Rust on Cloudflare Workers. Its API is at /api. Try:

  sh examples/demo/batch.sh        a batch of calls, with curl
  npm run demo                     the npm package capnweb as the client
";

#[topsail::event(fetch)]
async fn fetch(req: Request, _env: Env, _ctx: Context) -> Result<Response> {
    match req.path().as_str() {
        "/api" => new_workers_rpc_response(req, PublicApi).await,
        "/" if req.method() == Method::Get => Response::ok(HELP),
        _ => Response::error("Not found", 404),
    }
}
