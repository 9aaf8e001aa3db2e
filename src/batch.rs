use std::cell::RefCell;
use std::rc::Rc;

use futures::FutureExt;
use topsail_core::{Outbox, Peer, RpcError, RpcSessionOptions, RpcTarget, Transport};
use worker::{Method, Request, Response, ResponseBuilder, Result};

use crate::instance;
use crate::options::{Access, RpcResponseOptions};
use crate::response::{access, forbidden, method_not_allowed};

/// Answers a POST as one HTTP batch: its body holds the peer's messages, one a line, and the
/// response those to the peer, once every result that it asked for is there. The session ends
/// with the response; methods that the peer did not wait for run on as long as the runtime lets
/// them.
///
/// The status is 200 also when calls were rejected. A batch that breaks the protocol is answered
/// with 400 and what the session had to say until then, the `abort` message last; one that is not
/// UTF-8 with 400, too. Another method than POST: 405. If a method panics: 500.
///
/// The body is held in memory. What bounds it are the runtime's limits on requests and memory;
/// [`Limits::max_message_bytes`](crate::Limits::max_message_bytes) bounds each line.
///
/// # Errors
///
/// When the body cannot be read.
pub async fn new_http_batch_rpc_response(
    req: Request,
    target: impl RpcTarget,
    options: impl Into<RpcResponseOptions>,
) -> Result<Response> {
    answer(req, Rc::new(target), options.into()).await
}

pub(crate) async fn answer(
    mut req: Request,
    main: Rc<dyn RpcTarget>,
    options: RpcResponseOptions,
) -> Result<Response> {
    if req.method() != Method::Post {
        return method_not_allowed("POST");
    }
    let Access::Allowed(origin) = access(&req, &options)? else { return forbidden() };
    let Ok(body) = String::from_utf8(req.bytes().await?) else {
        return Response::error("The batch is not UTF-8.", 400);
    };
    instance::start();
    let answer = instance::contain(run(&body, main, options.session)).await;
    answer.map_or_else(failed, |answer| respond(answer, origin))
}

/// The session's messages to the peer.
struct Answer {
    text: String,
    aborted: bool,
}

async fn run(body: &str, main: Rc<dyn RpcTarget>, options: RpcSessionOptions) -> Answer {
    let sent = Rc::new(RefCell::new(String::new()));
    let peer = Peer::new(Some(main), BatchTransport(Rc::clone(&sent)), options);
    peer.recv_batch(body);
    peer.end_of_input();
    peer.drained().await;
    let aborted = peer.closed().is_some();
    peer.disconnected(RpcError::error("Batch RPC request ended."));
    run_on(&peer);
    Answer { text: sent.take(), aborted }
}

/// Has the methods that the peer did not wait for run to their end.
fn run_on(peer: &Peer) {
    let mut rest = peer.run();
    if (&mut rest).now_or_never().is_none() {
        instance::spawn(rest);
    }
}

fn failed() -> Result<Response> {
    Response::error("The server failed.", 500)
}

fn respond(answer: Answer, origin: Option<String>) -> Result<Response> {
    let status = if answer.aborted { 400 } else { 200 };
    let mut response = ResponseBuilder::new()
        .with_status(status)
        .with_header("Content-Type", "text/plain;charset=UTF-8")?;
    if let Some(origin) = origin {
        if origin != "*" {
            response = response.with_header("Vary", "Origin")?;
        }
        response = response.with_header("Access-Control-Allow-Origin", &origin)?;
    }
    Ok(response.fixed(answer.text.into_bytes()))
}

/// Collects the messages, one a line.
struct BatchTransport(Rc<RefCell<String>>);

impl Transport for BatchTransport {
    fn send(&self, messages: &Outbox) {
        append_lines(&mut self.0.borrow_mut(), messages);
    }
}

pub(crate) fn append_lines(text: &mut String, messages: &Outbox) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(messages.as_str());
}
