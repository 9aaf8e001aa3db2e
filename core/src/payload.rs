use crate::bytes_list::BytesList;
use crate::json::{SyntaxError, Tape, View, write_i64};

/// A value on its way: wire text in which every capability is a numbered hole, and the
/// capabilities. Cap'n Proto has bytes and a capability table for the same purpose.
///
/// The text is an expression of the protocol ("Expressions" on the protocol page) except that
/// each hole stands as `[]`, which is no expression. `C` is what fills a hole: a node of a session
/// inside [`proto`](crate::proto), a stub around it.
#[derive(Clone, Debug)]
pub struct Payload<C> {
    text: String,
    holes: Vec<Hole<C>>,
    /// What the text is of, while nobody has asked for it. Then `text` is empty.
    bytes: Option<Box<BytesList>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Hole<C> {
    at: u32,
    cap: C,
}

/// How deep the containers of a value may nest, each array counting twice: what is decoded by
/// recursion must end before the stack does.
pub(crate) const MAX_DEPTH_LEVELS: usize = 1024;

/// The text that stands where a capability belongs.
const HOLE: &str = "[]";

impl<C> Default for Payload<C> {
    /// The value `undefined`.
    fn default() -> Self {
        Payload::from_text(String::from(r#"["undefined"]"#))
    }
}

impl<C> Payload<C> {
    /// An empty text, to be written.
    pub fn empty() -> Self {
        Payload::from_text(String::new())
    }

    /// A value without capabilities. `text` must be an expression of the protocol without white
    /// space between its tokens.
    pub fn from_text(text: String) -> Self {
        Payload { text, holes: Vec::new(), bytes: None }
    }

    /// The arguments of a call: bytes.
    pub(crate) fn list_of_bytes(bytes: Vec<u8>) -> Self {
        let bytes = Some(Box::new(BytesList::new(bytes)));
        Payload { text: String::new(), holes: Vec::new(), bytes }
    }

    /// A value that is one capability.
    pub fn from_cap(cap: C) -> Self {
        let mut payload = Payload::empty();
        payload.push_cap(cap);
        payload
    }

    /// The text, with `[]` for each hole.
    pub fn text(&self) -> &str {
        match &self.bytes {
            None => &self.text,
            Some(list) => list.text(),
        }
    }

    /// Whether the text is empty, which no value is.
    pub(crate) fn is_empty(&self) -> bool {
        self.text_bytes() == 0
    }

    /// The length of the text, in bytes.
    pub(crate) fn text_bytes(&self) -> usize {
        self.bytes.as_ref().map_or(self.text.len(), |list| list.text_bytes())
    }

    /// Takes the bytes out, if it is a [list of bytes](Self::list_of_bytes).
    pub(crate) fn take_bytes(&mut self) -> Option<Vec<u8>> {
        self.bytes.take().map(|list| list.into_bytes())
    }

    /// The end of the text, to write on. What is written must keep the text an expression.
    #[inline]
    pub fn text_mut(&mut self) -> &mut String {
        if self.bytes.is_some() {
            self.write_bytes();
        }
        &mut self.text
    }

    #[cold]
    #[inline(never)]
    fn write_bytes(&mut self) {
        if let Some(list) = self.bytes.take() {
            self.text = list.into_text();
        }
    }

    /// Appends a hole.
    pub fn push_cap(&mut self, cap: C) {
        let at = self.text_mut().len() as u32;
        self.holes.push(Hole { at, cap });
        if at == 0 {
            // Mostly it is the whole text, which then needs no room to grow.
            self.text = String::from(HOLE);
        } else {
            self.text.push_str(HOLE);
        }
    }

    /// Appends the whole of another payload, converting its capabilities.
    pub fn push_payload<D>(&mut self, other: &Payload<D>, mut convert: impl FnMut(&D) -> C) {
        let offset = self.text_mut().len() as u32;
        self.text.push_str(other.text());
        self.holes.extend(
            other.holes.iter().map(|hole| Hole { at: offset + hole.at, cap: convert(&hole.cap) }),
        );
    }

    /// The capabilities, in the order of their holes.
    pub fn caps(&self) -> impl ExactSizeIterator<Item = &C> {
        self.holes.iter().map(|hole| &hole.cap)
    }

    /// The byte offsets of the holes, ascending.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = usize> {
        self.holes.iter().map(|hole| hole.at as usize)
    }

    /// Parses the text into a tape; `holes` gets the tape indexes of the holes, ascending.
    ///
    /// # Errors
    ///
    /// If the value nests more than 1,024 containers deep.
    pub fn parse<'a>(
        &'a self,
        tape: &'a mut Tape,
        holes: &mut Vec<u32>,
    ) -> Result<View<'a>, SyntaxError> {
        holes.clear();
        tape.parse(self.text(), MAX_DEPTH_LEVELS)?;
        let root = tape.view(self.text());
        let mut index = 0;
        for offset in self.offsets() {
            while index < root.next_index() && root.at(index).start() < offset {
                index += 1;
            }
            holes.push(index);
        }
        Ok(root)
    }

    /// The number of the hole at a byte offset.
    pub fn hole_at(&self, offset: usize) -> Option<usize> {
        self.holes.binary_search_by_key(&offset, |hole| hole.at as usize).ok()
    }

    /// The capability of a hole.
    pub fn cap(&self, number: usize) -> Option<&C> {
        self.holes.get(number).map(|hole| &hole.cap)
    }

    /// Whether there are capabilities.
    pub fn has_caps(&self) -> bool {
        !self.holes.is_empty()
    }

    /// The capability, if the whole value is one.
    pub fn as_cap(&self) -> Option<&C> {
        match self.holes.as_slice() {
            [hole] if self.text() == HOLE => Some(&hole.cap),
            _ => None,
        }
    }

    /// The same value with other capabilities.
    #[inline]
    pub fn map<D>(self, mut convert: impl FnMut(C) -> D) -> Payload<D> {
        let Payload { text, holes, bytes } = self;
        if holes.is_empty() {
            return Payload { text, holes: Vec::new(), bytes };
        }
        let holes = holes.into_iter().map(|hole| Hole { at: hole.at, cap: convert(hole.cap) });
        Payload { text, holes: holes.collect(), bytes }
    }

    /// Takes the capabilities out; the text stays with holes.
    pub fn take_caps(&mut self) -> Vec<C> {
        self.holes.drain(..).map(|hole| hole.cap).collect()
    }

    /// The parts of the text between the holes and the capabilities between them: a piece of
    /// text, the capability behind it; last, a piece with none.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, Option<&C>)> {
        let (text, mut from) = (self.text(), 0);
        let mut holes = self.holes.iter();
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            let hole = holes.next();
            done = hole.is_none();
            let to = hole.map_or(text.len(), |hole| hole.at as usize);
            let piece = text.get(from..to).unwrap_or_default();
            from = to + HOLE.len();
            Some((piece, hole.map(|hole| &hole.cap)))
        })
    }

    /// One of the [`pieces`](Self::pieces), by its number.
    pub(crate) fn piece(&self, number: usize) -> Option<(&str, Option<&C>)> {
        let from = match number.checked_sub(1) {
            Some(before) => self.holes.get(before)?.at as usize + HOLE.len(),
            None => 0,
        };
        let hole = self.holes.get(number);
        let text = self.text();
        let to = hole.map_or(text.len(), |hole| hole.at as usize);
        Some((text.get(from..to)?, hole.map(|hole| &hole.cap)))
    }

    /// The value at a byte range of the text, with the capabilities inside it.
    pub fn slice(&self, start: usize, end: usize, mut dup: impl FnMut(&C) -> C) -> Payload<C> {
        let first = self.holes.partition_point(|hole| (hole.at as usize) < start);
        let inside = self.holes.iter().skip(first).take_while(|hole| (hole.at as usize) < end);
        let holes = inside.map(|hole| Hole { at: hole.at - start as u32, cap: dup(&hole.cap) });
        Payload {
            text: self.text().get(start..end).unwrap_or_default().to_owned(),
            holes: holes.collect(),
            bytes: None,
        }
    }
}

impl<C: PartialEq> PartialEq for Payload<C> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.holes == other.holes
    }
}

impl<C: Eq> Eq for Payload<C> {}

/// Appends `["kind",id]`.
pub(crate) fn write_reference(out: &mut String, kind: &str, id: i64) {
    out.push_str("[\"");
    out.push_str(kind);
    out.push_str("\",");
    write_i64(out, id);
    out.push(']');
}
