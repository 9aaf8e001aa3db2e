use std::cell::RefCell;
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use topsail_core::{IntoTarget, Outbox, Peer, RpcError, RpcSessionOptions, RpcTarget, Transport};
use worker::Result;

use crate::body::Body;
use crate::driven::Driven;
use crate::executor;
use crate::instance::{self, Held};
use crate::options::{Access, RpcResponseOptions};
use crate::reply::Reply;
use crate::request::{IncomingRequest, Method, RawRequest};
use crate::response::{access, forbidden, method_not_allowed};

/// Answers a POST as one HTTP batch: its body holds the peer's messages, one a line, and the
/// response those to the peer, once every result that it asked for is there. The session ends
/// with the response; methods that the peer did not wait for run on as long as the runtime lets
/// them (`waitUntil`).
///
/// The status is 200 also when calls were rejected, and when the batch breaks the protocol: then
/// the answer is what the session had to say until then, the `abort` message last. (The npm client
/// takes nothing but the status from any other response, and so would not learn the reason.)
/// Another method than POST is answered with 405; if a method panics, 500.
///
/// What is not UTF-8 in the body reads as U+FFFD, as with the npm package. The body is held in
/// memory. What bounds it are the runtime's limits on requests and memory;
/// [`Limits::max_message_bytes`](crate::Limits::max_message_bytes) bounds each line.
///
/// # Errors
///
/// When the body cannot be read.
pub async fn new_http_batch_rpc_response<R: IncomingRequest>(
    req: R,
    target: impl IntoTarget,
    options: impl Into<RpcResponseOptions>,
) -> Result<R::Response> {
    let request = req.raw();
    if Method::of(request) != Method::Post {
        return R::answer(method_not_allowed("POST"));
    }
    R::answer(answer(request, target.into_target(), options.into()).await?)
}

/// Answers a POST.
pub(crate) async fn answer(
    req: &RawRequest,
    main: Rc<dyn RpcTarget>,
    options: RpcResponseOptions,
) -> Result<Reply> {
    let Access::Allowed(readers) = access(req, &options)? else { return Ok(forbidden()) };
    let body = Body::of(req).await?;
    instance::start();
    let answer = by_itself(instance::contain(run(body, main, options.session))).await;
    Ok(match answer {
        Some(messages) => Reply::Batch { messages, readers },
        None => Reply::text(500, "The server failed.").readable_by(readers),
    })
}

/// Runs a future as a task of the instance, unless it is ready at once.
async fn by_itself<T: 'static>(future: impl Future<Output = Option<T>> + 'static) -> Option<T> {
    if executor::is_in_task() {
        return future.await;
    }
    let mut future = Box::pin(future);
    if let Some(ready) = (&mut future).now_or_never() {
        return ready;
    }
    let (sender, receiver) = oneshot::channel();
    // Nobody waits any more if the request was given up.
    executor::spawn(async move { drop(sender.send(future.await)) });
    receiver.await.ok().flatten()
}

/// Gives the session's messages to the peer.
async fn run(body: String, main: Rc<dyn RpcTarget>, options: RpcSessionOptions) -> String {
    let sent = Rc::new(RefCell::new(String::new()));
    let peer = Peer::new(Some(main), BatchTransport(Rc::clone(&sent)), options);
    peer.recv_batch(&body);
    // What waits has copied what it needs.
    drop(body);
    if !peer.is_done() {
        peer.end_of_input();
        Driven::new(&peer, peer.drained()).await;
        end(&peer);
    }
    sent.take()
}

/// Ends the session, as far as anybody would notice.
fn end(peer: &Peer) {
    if !peer.is_done() {
        peer.disconnected(RpcError::error("Batch RPC request ended."));
        run_on(peer);
    }
}

/// Has the methods that the peer did not wait for run to their end.
fn run_on(peer: &Peer) {
    let mut rest = Driven::new(peer, peer.run());
    if (&mut rest).now_or_never().is_none() {
        let held = Held::new();
        instance::spawn(rest.map(|()| drop(held))).end_with_request();
    }
}

/// Collects the messages, one a line.
struct BatchTransport(Rc<RefCell<String>>);

impl Transport for BatchTransport {
    fn send(&self, messages: &Outbox) {
        append_lines(&mut self.0.borrow_mut(), messages);
    }

    fn needs_no_driver(&self) -> bool {
        true
    }
}

pub(crate) fn append_lines(text: &mut String, messages: &Outbox) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(messages.as_str());
}
