use topsail::prelude::*;
use worker::{Context, Env};

#[topsail::event(fetch)]
fn not_async(_req: RawRequest, _env: Env, _ctx: Context) -> worker::Result<RawResponse> {
    todo!()
}

#[topsail::event(fetch)]
async fn no_context(_req: RawRequest, _env: Env) -> worker::Result<RawResponse> {
    todo!()
}

#[topsail::event(scheduled)]
async fn other(_req: RawRequest, _env: Env, _ctx: Context) -> worker::Result<RawResponse> {
    todo!()
}

#[topsail::event]
async fn unsaid(_req: RawRequest, _env: Env, _ctx: Context) -> worker::Result<RawResponse> {
    todo!()
}

fn main() {}
