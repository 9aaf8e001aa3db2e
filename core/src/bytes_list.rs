use std::cell::OnceCell;

use crate::base64;

/// What stands before and behind the base64 of a list of one `Uint8Array`.
pub(crate) const OPEN: &str = r#"[["bytes",""#;
pub(crate) const CLOSE: &str = r#""]]"#;

/// The arguments of a `write` of bytes, `[["bytes","…"]]`. Their text is made when somebody asks for
/// it: from one end of a stream to the other nobody does, where the host has a faster base64 than
/// ours.
#[derive(Clone, Debug)]
pub(crate) struct BytesList {
    bytes: Vec<u8>,
    text: OnceCell<String>,
}

impl BytesList {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        BytesList { bytes, text: OnceCell::new() }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| text_of(&self.bytes))
    }

    /// The length of the text.
    #[cold]
    #[inline(never)]
    pub(crate) fn text_bytes(&self) -> usize {
        list_text_bytes(self.bytes.len())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn into_text(self) -> String {
        let BytesList { bytes, text } = self;
        text.into_inner().unwrap_or_else(|| text_of(&bytes))
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The length of the text of so many bytes.
pub(crate) fn list_text_bytes(bytes: usize) -> usize {
    OPEN.len() + base64::encoded_length(bytes) + CLOSE.len()
}

#[cold]
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::from(OPEN);
    base64::encode(&mut text, bytes);
    text.push_str(CLOSE);
    text
}
