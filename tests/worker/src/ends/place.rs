use futures::{StreamExt, stream};
use serde::Deserialize;
use topsail::codec::Object;
use topsail::prelude::*;
use topsail::{Request, Response, Url, Value, native};

/// Where a stream stands in what is sent.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Place {
    Plain,
    /// Through a stream of JavaScript and back.
    Javascript,
    /// All chunks are bytes.
    Bytes,
    /// In an object, in an array.
    Nested,
    Request,
    Response,
    /// It is a chunk of a stream, which ends behind it.
    Chunk,
}

impl Place {
    /// Whether all chunks must be bytes.
    pub(super) fn is_body(self) -> bool {
        matches!(self, Place::Bytes | Place::Request | Place::Response)
    }

    pub(super) fn put_readable(self, readable: RpcReadable) -> Result<Value, RpcError> {
        Ok(match self {
            Place::Request => {
                let mut request = Request::new(Url::parse("https://example.com/")?);
                request.set_method("POST")?;
                request.set_body(readable);
                request.into()
            }
            Place::Response => Response::new(readable).into(),
            Place::Javascript => through_javascript(readable.into())?,
            _ => self.put(readable),
        })
    }

    pub(super) fn put_writable(self, writable: RpcWritable) -> Result<Value, RpcError> {
        Ok(match self {
            Place::Javascript => through_javascript(writable.into())?,
            _ => self.put(writable),
        })
    }

    fn put(self, stream: impl Into<Value>) -> Value {
        let value = stream.into();
        match self {
            Place::Nested => {
                let mut object = Object::new();
                object.insert("list", vec![1.into(), value]);
                object.into()
            }
            Place::Chunk => {
                let once = stream::once(async { Ok::<_, RpcError>(value) });
                RpcReadable::new(once).into()
            }
            _ => value,
        }
    }

    /// The stream that stands there; undefined if none does.
    pub(super) async fn take(self, mut value: Value) -> Result<Value, RpcError> {
        let taken = match (self, &mut value) {
            (Place::Nested, Value::Object(object)) => match object.get("list") {
                Some(Value::Array(list)) => list.get(1).cloned(),
                _ => None,
            },
            (Place::Request, Value::Request(request)) => {
                request.take_body().into_stream().map(Value::from)
            }
            (Place::Response, Value::Response(response)) => {
                response.take_body().into_stream().map(Value::from)
            }
            (Place::Javascript, _) => Some(through_javascript(value)?),
            (Place::Chunk, outer) => match outer.as_readable() {
                Some(mut outer) => outer.next().await.transpose()?,
                None => None,
            },
            _ => return Ok(value),
        };
        Ok(taken.unwrap_or_default())
    }
}

/// A stream of JavaScript around it, and one of Rust around that.
fn through_javascript(stream: Value) -> Result<Value, RpcError> {
    native::from_js(&native::to_js(stream)?)
}
