//! Values of the Fetch API, as plain data.

use serde::Serialize;
use topsail::prelude::*;
use topsail::{Blob, Request, Response};

/// What `describeRequest` gives.
#[derive(Serialize)]
pub(crate) struct Described {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// The longest body that is read into memory, in bytes.
const MAX_BODY_BYTES: usize = 16 << 20;

pub(crate) fn echo_blob(blob: &Blob) -> Blob {
    Blob::new(blob.content_type(), blob.as_bytes())
}

pub(crate) async fn describe_request(mut request: Request) -> Result<Described, RpcError> {
    let body = request.take_body().collect(MAX_BODY_BYTES).await?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(Described {
        method: request.method().to_owned(),
        url: request.url().as_str().to_owned(),
        headers: request.headers().iter().map(owned).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

pub(crate) fn make_response(status: u16, body: String) -> Result<Response, RpcError> {
    let mut response = Response::new(body);
    response.set_status(status)?;
    response.headers_mut().set("x-test", "topsail")?;
    Ok(response)
}
