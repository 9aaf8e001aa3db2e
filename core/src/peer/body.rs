//! Bodies that are streams.

use futures::StreamExt;

use super::RpcReadable;
use crate::codec::Body;
use crate::{Bytes, RpcError, refusal};

impl Body {
    /// All bytes of the body; none of one that is empty.
    ///
    /// ```
    /// use topsail_core::Body;
    ///
    /// let bytes = futures::executor::block_on(Body::from("hello").collect(1_000))?;
    /// assert_eq!(bytes.as_slice(), b"hello");
    /// # Ok::<(), topsail_core::RpcError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A `RangeError` if there are more than `max_bytes`; the error of the stream.
    pub async fn collect(self, max_bytes: usize) -> Result<Bytes, RpcError> {
        let bytes = match self {
            Body::Empty => Bytes::default(),
            Body::Text(text) => Bytes(text.into_bytes()),
            Body::Bytes(bytes) => bytes,
            Body::Stream(stream) => {
                let stream = RpcReadable::from_raw(stream)?;
                let mut room = max_bytes;
                return super::blob::read_all(stream, &mut room, max_bytes, "a body")
                    .await
                    .map(Bytes);
            }
        };
        match bytes.len() > max_bytes {
            true => Err(refusal::range_error("a body of more than ", &max_bytes, " bytes")),
            false => Ok(bytes),
        }
    }

    /// The body as a stream of bytes; none if there is no body.
    pub fn into_stream(self) -> Option<RpcReadable<Bytes>> {
        let bytes = match self {
            Body::Empty => return None,
            Body::Stream(stream) => {
                return Some(RpcReadable::from_raw(stream).unwrap_or_else(RpcReadable::failed));
            }
            Body::Text(text) => Bytes(text.into_bytes()),
            Body::Bytes(bytes) => bytes,
        };
        let once = futures::stream::once(std::future::ready(Ok::<_, RpcError>(bytes)));
        Some(RpcReadable::new(
            once.filter(|bytes| {
                std::future::ready(!matches!(bytes, Ok(bytes) if bytes.is_empty()))
            }),
        ))
    }
}

impl<T> From<RpcReadable<T>> for Body {
    /// The chunks must be bytes.
    fn from(stream: RpcReadable<T>) -> Self {
        Body::Stream(stream.into_raw())
    }
}
