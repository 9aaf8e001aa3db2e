//! A Worker that is a client: its object opens sessions to the addresses it is told. Beside it are
//! endpoints that only some origins may use, and those of handlers that fail.

mod address;
mod caught;
mod client;
mod remote;
mod waiting;

use std::time::Duration;

use topsail::prelude::*;
use topsail::{RawRequest, new_http_batch_rpc_response, new_workers_websocket_rpc_response};
use worker::{Context, Delay, Env, Request, Response, Result};

use client::Client;
use waiting::Waiting;

const APP: &str = "https://app.example";

#[topsail::event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    let options = RpcResponseOptions::new();
    match req.path().as_str() {
        "/api" => new_workers_rpc_response(req, Client).await,
        "/origins/any" => new_workers_rpc_response_with_options(req, Client, options).await,
        "/origins/listed" => {
            new_workers_rpc_response_with_options(req, Client, options.allow_origins([APP])).await
        }
        "/origins/own" => {
            let options = options.allow_origins(Vec::<String>::new());
            new_workers_rpc_response_with_options(req, Client, options).await
        }
        "/credentials/any" => {
            let options = options.allow_credentials();
            new_workers_rpc_response_with_options(req, Client, options).await
        }
        "/credentials/listed" => {
            let options = options.allow_credentials().allow_origins([APP]);
            new_workers_rpc_response_with_options(req, Client, options).await
        }
        "/credentials/raw" => {
            let (req, options) = (RawRequest::try_from(req)?, options.allow_origins([APP]));
            let options = options.allow_credentials();
            Ok(new_workers_rpc_response_with_options(req, Client, options).await?.into())
        }
        "/batch" => new_http_batch_rpc_response(req, Client, options.allow_origins([APP])).await,
        "/socket" => new_workers_websocket_rpc_response(req, Client, options.allow_origins([APP])),
        "/waiting" => new_workers_rpc_response(req, Waiting(env)).await,
        "/handler/ready" => Response::ok("at once"),
        "/handler/waits" => {
            Delay::from(Duration::from_millis(1)).await;
            Response::ok("later")
        }
        "/handler/fails" => Err("what the client is not told".into()),
        "/handler/waits-and-panics" => {
            Delay::from(Duration::from_millis(1)).await;
            panic!("what the client is not told")
        }
        "/handler/panics" => panic!("what the client is not told"),
        _ => Response::error("Not found", 404),
    }
}
