//! A Worker with a Durable Object that decides all that an application can: routes, tags, alarms,
//! options, and targets of which some can no longer be revived.

mod failures;
mod holder;
mod sleeper;

use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    env.durable_object("SLEEPER")?.get_by_name("one")?.fetch_with_request(req).await
}
