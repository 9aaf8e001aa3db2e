//! What a request is answered with, before it is a response of one kind or the other.

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::WebSocket;
use worker::{Headers, Response, ResponseBuilder, Result};

use crate::options::Readers;
use crate::request::RawResponse;
use crate::text;

#[wasm_bindgen(module = "/src/reply.js")]
extern "C" {
    type Replies;

    #[wasm_bindgen(thread_local_v2, js_name = replies)]
    static REPLIES: Replies;

    #[wasm_bindgen(method, js_name = batchForAny)]
    fn batch_for_any(this: &Replies, messages: &[u8]) -> RawResponse;

    #[wasm_bindgen(method, js_name = shortBatchForAny)]
    fn short_batch_for_any(this: &Replies, place: u32, length: u32) -> RawResponse;

    #[wasm_bindgen(method)]
    fn batch(
        this: &Replies,
        messages: &[u8],
        origin: Option<&str>,
        has_credentials: bool,
    ) -> RawResponse;

    #[wasm_bindgen(method)]
    fn socket(this: &Replies, socket: &WebSocket) -> RawResponse;

    #[wasm_bindgen(method)]
    fn text(
        this: &Replies,
        status: u16,
        text: &str,
        header: Option<&str>,
        value: Option<&str>,
        origin: Option<&str>,
        has_credentials: bool,
    ) -> RawResponse;
}

/// With so many bytes a text and a buffer cost about the same.
const LONG: usize = 1024;

/// An answer.
#[derive(Debug)]
pub enum Reply {
    /// That of a batch.
    Batch { messages: String, readers: Option<Readers> },
    /// The client's end of a socket.
    Socket(WebSocket),
    /// A refusal, with one header that says more.
    Text {
        status: u16,
        text: String,
        header: Option<(&'static str, &'static str)>,
        readers: Option<Readers>,
    },
}

impl Reply {
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        Reply::Text { status, text: text.into(), header: None, readers: None }
    }

    /// A refusal that says more by a header.
    pub(crate) fn with_header(
        status: u16,
        text: impl Into<String>,
        header: (&'static str, &'static str),
    ) -> Self {
        Reply::Text { status, text: text.into(), header: Some(header), readers: None }
    }

    /// A refusal that pages may read.
    pub(crate) fn readable_by(mut self, allowed: Option<Readers>) -> Self {
        if let Reply::Text { readers, .. } = &mut self {
            *readers = allowed;
        }
        self
    }

    pub(crate) fn into_raw(self) -> RawResponse {
        REPLIES.with(|replies| match &self {
            Reply::Batch { messages, readers } => match of(readers) {
                (Some("*"), _) if messages.len() < LONG => {
                    let (place, length) = text::place(messages);
                    replies.short_batch_for_any(place, length)
                }
                (Some("*"), _) => replies.batch_for_any(messages.as_bytes()),
                (origin, credentials) => replies.batch(messages.as_bytes(), origin, credentials),
            },
            Reply::Socket(socket) => replies.socket(socket),
            Reply::Text { status, text, header, readers } => {
                let ((name, value), (origin, credentials)) = (header.unzip(), of(readers));
                replies.text(*status, text, name, value, origin, credentials)
            }
        })
    }

    pub(crate) fn into_worker(self) -> Result<Response> {
        let (status, text, header, readers) = match self {
            Reply::Batch { messages, readers } => {
                (200, messages, Some(("Content-Type", "text/plain;charset=UTF-8")), readers)
            }
            Reply::Socket(socket) => return Response::from_websocket(socket.into()),
            Reply::Text { status, text, header, readers } => (status, text, header, readers),
        };
        let headers = Headers::new();
        if let Some((name, value)) = header {
            headers.set(name, value)?;
        }
        if let Some(Readers { origin, has_credentials }) = readers {
            if origin != "*" {
                headers.set("Vary", "Origin")?;
            }
            if has_credentials {
                headers.set("Access-Control-Allow-Credentials", "true")?;
            }
            headers.set("Access-Control-Allow-Origin", &origin)?;
        }
        let response = ResponseBuilder::new().with_status(status).with_headers(headers);
        Ok(response.fixed(text.into_bytes()))
    }
}

/// As the arguments of a call of JavaScript.
fn of(readers: &Option<Readers>) -> (Option<&str>, bool) {
    match readers {
        Some(readers) => (Some(&readers.origin), readers.has_credentials),
        None => (None, false),
    }
}
