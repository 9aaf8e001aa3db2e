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
    bytes: Option<Box<Chunks>>,
}

/// The bytes in an outbox.
#[derive(Debug, Default)]
struct Chunks {
    /// By their places.
    list: Vec<Chunk>,
    /// The messages with their base64, once somebody has asked.
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
        match &self.bytes {
            None => &self.text,
            Some(chunks) => chunks.whole.get_or_init(|| joined(&self.text, &chunks.list)),
        }
    }

    /// The messages, one a line, if no bytes are among them.
    pub fn without_bytes(&self) -> Option<&str> {
        self.bytes.is_none().then_some(self.text.as_str())
    }

    /// Each message, without its newline.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        lines(self.as_str())
    }

    /// Each message, with bytes as they are.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let mut chunks = self.chunks().iter().peekable();
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

    /// How many bytes the messages have, without those that streams send.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Forgets all messages and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.bytes = None;
    }

    /// How many bytes of text it has memory for.
    #[cfg(feature = "peer")]
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Adds the messages of another outbox behind its own.
    pub fn append(&mut self, other: &Outbox) {
        if other.is_empty() {
            return;
        }
        let text = self.message();
        let start = text.len();
        text.push_str(&other.text);
        for Chunk { at, bytes } in other.chunks() {
            self.push_chunk(start + at, bytes.clone());
        }
    }

    /// Takes the text of all messages out.
    pub fn take(&mut self) -> String {
        let Outbox { text, bytes } = std::mem::take(self);
        match bytes {
            None => text,
            Some(chunks) => joined(&text, &chunks.list),
        }
    }

    /// Starts a message: the text to append it to.
    pub(crate) fn message(&mut self) -> &mut String {
        if !self.text.is_empty() {
            self.text.push(NEWLINE);
        }
        if let Some(chunks) = &mut self.bytes {
            chunks.whole = OnceCell::new();
        }
        &mut self.text
    }

    /// Appends the base64 of bytes to the message that was started; gives the text to append the rest
    /// to.
    pub(crate) fn push_base64(&mut self, bytes: Vec<u8>) -> &mut String {
        self.push_chunk(self.text.len(), bytes);
        &mut self.text
    }

    fn push_chunk(&mut self, at: usize, bytes: Vec<u8>) {
        self.bytes.get_or_insert_default().list.push(Chunk { at, bytes });
    }

    fn chunks(&self) -> &[Chunk] {
        self.bytes.as_ref().map_or(&[], |chunks| &chunks.list)
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

#[cfg(test)]
mod tests {
    use super::{Frame, Outbox};

    /// A message: its text, or a head, bytes and a tail.
    type Message = (&'static str, Option<(&'static [u8], &'static str)>);

    const MESSAGES: [Message; 6] = [
        ("[1]", None),
        ("[\"", Some((b"abc", "\"]"))),
        ("[\"é", Some((b"", "\"]"))),
        ("[\"", Some((b"d", "\"]"))),
        ("[2]", None),
        ("[3]", None),
    ];
    const TEXTS: [&str; 6] = ["[1]", "[\"YWJj\"]", "[\"é\"]", "[\"ZA\"]", "[2]", "[3]"];

    fn push(outbox: &mut Outbox, (head, bytes): Message) {
        outbox.message().push_str(head);
        if let Some((bytes, tail)) = bytes {
            outbox.push_base64(bytes.to_vec()).push_str(tail);
        }
    }

    fn check(mut outbox: Outbox, texts: &[&str]) {
        assert_eq!(outbox.as_str(), texts.join("\n"));
        assert!(outbox.messages().eq(texts.iter().copied()), "{texts:?}");
        assert!(outbox.frames().map(Frame::text).eq(texts.iter().copied()), "{texts:?}");
        assert_eq!(outbox.is_empty(), texts.is_empty());
        assert_eq!(outbox.take(), texts.join("\n"));
        assert_eq!((outbox.as_str(), outbox.frames().count()), ("", 0));
    }

    #[test]
    fn messages_with_bytes_and_without() {
        for from in 0..MESSAGES.len() {
            for to in from..=MESSAGES.len() {
                let (mut whole, mut appended) = (Outbox::default(), Outbox::default());
                for number in from..to {
                    push(&mut whole, MESSAGES[number]);
                    // What was asked for before does not stay.
                    assert_eq!(whole.as_str(), TEXTS[from..=number].join("\n"));
                    let mut one = Outbox::default();
                    push(&mut one, MESSAGES[number]);
                    appended.append(&one);
                }
                check(whole, &TEXTS[from..to]);
                check(appended, &TEXTS[from..to]);
            }
        }
    }

    #[test]
    fn bytes_are_frames_as_they_are() {
        let mut outbox = Outbox::default();
        MESSAGES.into_iter().for_each(|message| push(&mut outbox, message));
        let frames: Vec<_> = outbox.frames().collect();
        assert_eq!(frames[0], Frame::Text("[1]"));
        assert_eq!(frames[1], Frame::Bytes("[\"", b"abc", "\"]"));
        outbox.clear();
        assert_eq!((outbox.as_str(), outbox.frames().count()), ("", 0));
    }
}
