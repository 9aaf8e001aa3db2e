use std::borrow::Cow;
use std::cell::OnceCell;

use crate::base64;
use crate::json::lines;

/// Messages for the peer: a text with a newline between them, as an HTTP batch wants it. No
/// message contains a newline.
///
/// Bytes that streams send stand in it as they are. Their base64 is made, once, for whoever asks for
/// the text; a transport whose host is faster at it asks for [`frames`](Self::frames).
#[derive(Debug, Default)]
pub struct Outbox {
    /// The messages without the bytes.
    text: String,
    chunks: Vec<Chunk>,
    whole: OnceCell<String>,
}

/// Bytes whose base64 stands at a place of the text. There is one in a message at most.
#[derive(Clone, Debug)]
struct Chunk {
    at: usize,
    bytes: Vec<u8>,
}

/// A message for the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The message.
    Text(&'a str),
    /// The message is a head, the base64 of bytes without padding, and a tail.
    Bytes(&'a str, &'a [u8], &'a str),
}

impl<'a> Frame<'a> {
    /// The message.
    pub fn text(self) -> Cow<'a, str> {
        let (head, bytes, tail) = match self {
            Frame::Text(text) => return Cow::Borrowed(text),
            Frame::Bytes(head, bytes, tail) => (head, bytes, tail),
        };
        let mut text = String::from(head);
        base64::encode(&mut text, bytes);
        text.push_str(tail);
        Cow::Owned(text)
    }
}

impl Outbox {
    /// The messages, one a line.
    pub fn as_str(&self) -> &str {
        match self.chunks.is_empty() {
            true => &self.text,
            false => self.whole.get_or_init(|| joined(&self.text, &self.chunks)),
        }
    }

    /// The messages, one a line, if no bytes are among them.
    pub fn without_bytes(&self) -> Option<&str> {
        self.chunks.is_empty().then_some(self.text.as_str())
    }

    /// Each message, without its newline.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        lines(self.as_str())
    }

    /// Each message, with bytes as they are.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut chunks = self.chunks.iter().peekable();
        let mut from = 0;
        lines(&self.text).map(move |line| {
            let start = from;
            from += line.len() + NEWLINE.len_utf8();
            let chunk = chunks.next_if(|chunk| chunk.at < from);
            let parts =
                chunk.and_then(|chunk| Some((chunk, line.split_at_checked(chunk.at - start)?)));
            match parts {
                Some((chunk, (head, tail))) => Frame::Bytes(head, &chunk.bytes, tail),
                None => Frame::Text(line),
            }
        })
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Forgets all messages and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.chunks.clear();
        self.whole.take();
    }

    /// Adds the messages of another outbox behind its own.
    pub fn append(&mut self, other: &Outbox) {
        if other.is_empty() {
            return;
        }
        let text = self.message();
        let start = text.len();
        text.push_str(&other.text);
        let chunks = other.chunks.iter().cloned();
        self.chunks.extend(chunks.map(|chunk| Chunk { at: start + chunk.at, ..chunk }));
    }

    /// Takes the text of all messages out.
    pub fn take(&mut self) -> String {
        let Outbox { text, chunks, whole } = std::mem::take(self);
        match chunks.is_empty() {
            true => text,
            false => whole.into_inner().unwrap_or_else(|| joined(&text, &chunks)),
        }
    }

    /// Starts a message: the text to append it to.
    pub(crate) fn message(&mut self) -> &mut String {
        self.whole.take();
        if !self.text.is_empty() {
            self.text.push(NEWLINE);
        }
        &mut self.text
    }

    /// Appends the base64 of bytes to the message that was started; gives the text to append the rest
    /// to.
    pub(crate) fn push_base64(&mut self, bytes: Vec<u8>) -> &mut String {
        self.chunks.push(Chunk { at: self.text.len(), bytes });
        &mut self.text
    }
}

const NEWLINE: char = '\n';

/// The text with the base64 in it.
#[cold]
fn joined(text: &str, chunks: &[Chunk]) -> String {
    let (mut whole, mut from) = (String::new(), 0);
    for Chunk { at, bytes } in chunks {
        whole.push_str(text.get(from..*at).unwrap_or_default());
        base64::encode(&mut whole, bytes);
        from = *at;
    }
    whole.push_str(text.get(from..).unwrap_or_default());
    whole
}
