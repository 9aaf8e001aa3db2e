use std::rc::Rc;

use topsail_core::{IntoTarget, Peer, RpcSessionOptions, RpcTarget};
use web_sys::WebSocket;
use worker::{Result, WebSocketPair};

use crate::driven::Driven;
use crate::instance;
use crate::options::{Access, RpcResponseOptions};
use crate::reply::Reply;
use crate::request::{IncomingRequest, Method, RawRequest};
use crate::response::{access, forbidden, method_not_allowed};
use crate::socket::{SocketTransport, listen};

/// Answers a GET with `Upgrade: websocket` with a WebSocket session whose main object is `target`.
/// The session lives as long as the socket, and the Worker as long as it.
///
/// When the peer breaks the protocol the socket is closed with code 3000, as npm `capnweb` does,
/// and the error's message as the reason.
///
/// A GET without the upgrade is answered with 426 and `Upgrade: websocket`, another method with
/// 405.
///
/// # Errors
///
/// When the runtime gives no WebSocket.
pub fn new_workers_websocket_rpc_response<R: IncomingRequest>(
    req: R,
    target: impl IntoTarget,
    options: impl Into<RpcResponseOptions>,
) -> Result<R::Response> {
    let request = req.raw();
    if Method::of(request) != Method::Get {
        return R::answer(method_not_allowed("GET"));
    }
    R::answer(answer(request, options.into(), |options| accept(target.into_target(), options))?)
}

/// Answers a GET with a socket that `accept` makes: the client's end of it.
pub(crate) fn answer(
    req: &RawRequest,
    options: RpcResponseOptions,
    accept: impl FnOnce(RpcSessionOptions) -> Result<WebSocket>,
) -> Result<Reply> {
    if !wants_websocket(req)? {
        return Ok(upgrade_required());
    }
    if access(req, &options)? == Access::Denied {
        return Ok(forbidden());
    }
    accept(options.session).map(Reply::Socket)
}

pub(crate) fn accept(main: Rc<dyn RpcTarget>, options: RpcSessionOptions) -> Result<WebSocket> {
    instance::start();
    let WebSocketPair { client, server } = WebSocketPair::new()?;
    server.accept()?;
    let socket = server.as_ref();
    let transport = SocketTransport::accepted(socket);
    let peer = Peer::new(Some(main), transport.clone(), options);
    let driver = instance::spawn(Driven::new(&peer, peer.run()));
    listen(socket, true, transport, peer, driver, || {});
    Ok(client.as_ref().clone())
}

fn wants_websocket(req: &RawRequest) -> Result<bool> {
    let upgrade = req.headers().get("Upgrade")?;
    Ok(upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")))
}

fn upgrade_required() -> Reply {
    let text = "This endpoint accepts POST, or GET with an upgrade to WebSocket.";
    Reply::with_header(426, text, ("Upgrade", "websocket"))
}
