use crate::bytes_list::{BytesList, list_text_bytes};

/// A message that writes bytes into a pipe, decoded:
/// `["stream",["pipeline",pipe,["write"],[["bytes","…"]]]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BytesChunk {
    /// The id of the pipe.
    pub pipe: u32,
    /// The bytes of a `Uint8Array`, in the message as base64 without padding.
    pub bytes: Vec<u8>,
}

const HEAD: &str = r#"["stream",["pipeline","#;
const METHOD: &str = r#",["write"],"#;
const TAIL: &str = "]]";
/// How deep arrays nest in the arguments.
const LEVELS: usize = 2;

impl BytesChunk {
    /// The message.
    pub fn into_text(self) -> String {
        let list = BytesList::new(self.bytes).into_text();
        format!("{HEAD}{}{METHOD}{list}{TAIL}", self.pipe)
    }

    /// Whether a message of this length and depth may be received.
    pub(super) fn is_within(&self, max_bytes: usize, max_levels: usize) -> bool {
        let digits = self.pipe.checked_ilog10().unwrap_or(0) as usize + 1;
        let around = HEAD.len() + digits + METHOD.len() + TAIL.len();
        around.saturating_add(list_text_bytes(self.bytes.len())) <= max_bytes && max_levels > LEVELS
    }
}

#[cfg(test)]
mod tests {
    use super::BytesChunk;

    #[test]
    fn as_long_as_its_text() {
        for (pipe, length) in [(0, 0), (9, 1), (10, 2), (12_345, 3), (u32::MAX, 100)] {
            let chunk = BytesChunk { pipe, bytes: vec![7; length] };
            let long = chunk.clone().into_text().len();
            assert!(chunk.is_within(long, 3), "{pipe} {length}");
            assert!(!chunk.is_within(long - 1, 3), "{pipe} {length}");
            assert!(!chunk.is_within(long, 2), "{pipe} {length}");
        }
    }
}
