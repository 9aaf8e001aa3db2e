//! Blobs: their bytes are collected before the value that they are in is delivered.

use std::rc::Rc;

use futures::StreamExt;

use super::raw_stub::{Kind, Travels};
use super::{Outgoing, RawStub, RpcReadable};
use crate::codec::Blob;
use crate::json::{Tape, View};
use crate::normal::fetch_body;
use crate::{Bytes, RpcError, refusal};

/// Bytes of a blob that are sent as one chunk.
const CHUNK_BYTES: usize = 64 << 10;

impl Blob {
    /// A blob of bytes. The media type may be empty.
    pub fn new(content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Blob::from_parts(content_type.into(), RawStub::collected(bytes.into()))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.content().kind {
            Kind::Bytes(bytes) => bytes,
            _ => &[],
        }
    }
}

impl RawStub {
    /// A readable stream whose bytes are all there. It can be read more than once.
    fn collected(bytes: Vec<u8>) -> Self {
        RawStub { kind: Kind::Bytes(Rc::new(bytes)), travels: Travels::Readable }
    }

    /// The bytes, if it is the content of a blob.
    pub fn collected_bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn is_collected(&self) -> bool {
        matches!(self.kind, Kind::Bytes(_))
    }
}

/// The chunks of bytes that are all there.
pub(super) fn chunks(bytes: Rc<Vec<u8>>) -> impl futures::Stream<Item = Result<Bytes, RpcError>> {
    let starts = (0..bytes.len()).step_by(CHUNK_BYTES);
    futures::stream::iter(starts).map(move |start| {
        let end = bytes.len().min(start + CHUNK_BYTES);
        Ok(Bytes::from(bytes.get(start..end).unwrap_or_default()))
    })
}

/// Whether there may be a blob in a value with these capabilities.
pub(super) fn may_have_blobs<'a>(mut caps: impl Iterator<Item = &'a RawStub>) -> bool {
    caps.any(|cap| cap.travels == Travels::Readable && !cap.is_collected())
}

/// The numbers of the holes that are contents of blobs, in an expression or in a plain list of
/// expressions.
pub(super) fn blobs(root: View<'_>, is_list: bool, holes: &[u32]) -> Vec<usize> {
    let (mut at, mut numbers) = (root.index() + u32::from(is_list), Vec::new());
    while at < root.next_index() {
        let view = root.at(at);
        // An array that is escaped is no form, whatever it begins with.
        let is_escape = view.escaped_array().is_some();
        at += if is_escape { 2 } else { 1 };
        let content = fetch_body(view).filter(|_| !is_escape && is_blob(view));
        numbers.extend(content.and_then(|content| holes.binary_search(&content.index()).ok()));
    }
    numbers
}

fn is_blob(form: View<'_>) -> bool {
    form.elements().next().and_then(View::plain_str) == Some("blob")
}

/// Collects the blobs of a value or of a plain list of values, if there are any.
pub(super) async fn collect(
    value: Outgoing,
    is_list: bool,
    max_bytes: usize,
) -> Result<Outgoing, RpcError> {
    let numbers = {
        let (mut tape, mut holes) = (Tape::default(), Vec::new());
        blobs(value.parse(&mut tape, &mut holes)?, is_list, &holes)
    };
    let mut stubs = Vec::new();
    let value = value.map(|stub| stubs.push(stub));
    let mut room = max_bytes;
    for number in numbers {
        let Some(stub) = stubs.get_mut(number) else { continue };
        let content = std::mem::replace(stub, RawStub::collected(Vec::new()));
        if !content.is_collected() {
            let content = RpcReadable::of_content(content)?;
            let bytes = read_all(content, &mut room, max_bytes, "blobs").await?;
            *stub = RawStub::collected(bytes);
        }
    }
    let mut stubs = stubs.into_iter();
    let lost = || RawStub::broken(RpcError::error("a capability is missing"));
    Ok(value.map(|()| stubs.next().unwrap_or_else(lost)))
}

/// Reads a stream to its end.
pub(super) async fn read_all(
    mut stream: RpcReadable<Bytes>,
    room: &mut usize,
    max_bytes: usize,
    what: &str,
) -> Result<Vec<u8>, RpcError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        match room.checked_sub(chunk.len()) {
            Some(rest) => *room = rest,
            None => {
                let error = refusal::range_error(
                    what,
                    &format_args!(" of more than {max_bytes}"),
                    " bytes",
                );
                stream.cancel(error.clone());
                return Err(error);
            }
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
