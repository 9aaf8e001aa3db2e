//! The conformance Worker: fixed objects for any Cap'n Web client to be tested against.

mod capabilities;
mod counter;
#[cfg(feature = "beyond")]
mod ends;
mod errors;
#[cfg(feature = "beyond")]
mod face;
mod kinds;
#[cfg(feature = "beyond")]
mod native;
mod room;
mod streams;
mod target;
mod tracked;
mod users;
mod web;

use topsail::prelude::*;
use worker::web_sys::ResponseInit;
use worker::{Context, Env, Result};

use target::TestTarget;

#[topsail::event(fetch)]
async fn fetch(req: RawRequest, env: Env, _ctx: Context) -> Result<RawResponse> {
    let url = req.url();
    match path(&url).as_slice() {
        ["api"] => new_workers_rpc_response(req, TestTarget::new(env)).await,
        #[cfg(feature = "beyond")]
        ["api", "rules", name] => {
            let options = RpcResponseOptions::new().native_rules(native::rules(name));
            new_workers_rpc_response_with_options(req, TestTarget::new(env), options).await
        }
        ["room", name] if !name.is_empty() => room::forward(&req, &env, name).await,
        _ => not_found(),
    }
}

fn not_found() -> Result<RawResponse> {
    let init = ResponseInit::new();
    init.set_status(404);
    Ok(RawResponse::new_with_opt_str_and_init(Some("Not found"), &init)?)
}

/// Of the URL of a request, which has one and has it normalized: `https://host/path`.
fn path(url: &str) -> Vec<&str> {
    url.split(['?', '#']).next().unwrap_or_default().split('/').skip(3).collect()
}
