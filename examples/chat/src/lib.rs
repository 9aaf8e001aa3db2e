//! A chat room whose Durable Object sleeps while nobody says anything. The page is in `public/`,
//! which the Worker serves as static assets; everything under `/rooms/` comes here.

mod room;
mod store;

use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    match req.path().strip_prefix("/rooms/") {
        Some(name) if !name.is_empty() => {
            env.durable_object("ROOMS")?.get_by_name(name)?.fetch_with_request(req).await
        }
        _ => Response::error("Not found", 404),
    }
}
