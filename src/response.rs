use std::rc::Rc;

use topsail_core::{IntoTarget, RpcTarget};
use worker::Result;

use crate::options::{Access, AllowedOrigins, RpcResponseOptions};
use crate::reply::Reply;
use crate::request::{IncomingRequest, Method, RawRequest};
use crate::{batch, websocket};

/// Answers a request with a Cap'n Web session whose main object is `target`: a POST as one HTTP
/// batch, a GET with `Upgrade: websocket` as a WebSocket session.
///
/// Any other GET is answered with 426 and `Upgrade: websocket`, any other method with 405 and
/// `Allow: GET, POST`; npm `capnweb` 0.12 answers 400 to both. The path is not looked at: that is
/// the application's router. A handler of axum (features `http` and `axum` of `worker`) converts both
/// ways, WebSockets included:
///
/// ```ignore
/// #[worker::send]
/// async fn rpc(req: axum::extract::Request) -> Result<axum::response::Response, String> {
///     let req = worker::Request::try_from(req).map_err(|error| error.to_string())?;
///     let response = new_workers_rpc_response(req, Api).await;
///     response.map(Into::into).map_err(|error| error.to_string())
/// }
/// ```
///
/// `target` is the session's main object, or an `Rc` of it where sessions share one. Pages of any origin may
/// use the session, as with the npm package; see [`new_workers_rpc_response_with_options`] to change that.
///
/// # Errors
///
/// When the body of a batch cannot be read, or the runtime gives no WebSocket.
pub async fn new_workers_rpc_response<R: IncomingRequest>(
    req: R,
    target: impl IntoTarget,
) -> Result<R::Response> {
    R::answer(serve(req.raw(), target.into_target(), RpcResponseOptions::new()).await?)
}

/// [`new_workers_rpc_response`] with options: [`RpcSessionOptions`](crate::RpcSessionOptions), or
/// those and more.
///
/// ```no_run
/// use topsail::prelude::*;
/// # async fn example(req: worker::Request, api: impl RpcTarget) -> worker::Result<worker::Response> {
/// let options = RpcResponseOptions::new().allow_origins(["https://app.example"]);
/// new_workers_rpc_response_with_options(req, api, options).await
/// # }
/// ```
///
/// # Errors
///
/// As [`new_workers_rpc_response`].
pub async fn new_workers_rpc_response_with_options<R: IncomingRequest>(
    req: R,
    target: impl IntoTarget,
    options: impl Into<RpcResponseOptions>,
) -> Result<R::Response> {
    R::answer(serve(req.raw(), target.into_target(), options.into()).await?)
}

/// Not generic: an application has many types of targets.
async fn serve(
    req: &RawRequest,
    main: Rc<dyn RpcTarget>,
    options: RpcResponseOptions,
) -> Result<Reply> {
    match Method::of(req) {
        Method::Post => batch::answer(req, main, options).await,
        Method::Get => websocket::answer(req, options, |options| websocket::accept(main, options)),
        Method::Other => Ok(method_not_allowed("GET, POST")),
    }
}

/// Whether the request's origin may use the endpoint.
pub(crate) fn access(req: &RawRequest, options: &RpcResponseOptions) -> Result<Access> {
    if options.origins == AllowedOrigins::Any {
        // Its headers do not matter, and every look at one takes a microsecond.
        return Ok(options.access(None, None));
    }
    let headers = req.headers();
    Ok(options.access(headers.get("Origin")?, headers.get("Host")?.as_deref()))
}

pub(crate) fn method_not_allowed(allowed: &'static str) -> Reply {
    let text = format!("This endpoint accepts only {allowed}.");
    Reply::with_header(405, text, ("Allow", allowed))
}

pub(crate) fn forbidden() -> Reply {
    Reply::text(403, "Pages of this origin may not use this endpoint.")
}
