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
    rest: Rest<C>,
}

/// What is not text.
#[derive(Clone, Debug)]
enum Rest<C> {
    Holes(Vec<Hole<C>>),
    /// The whole value is this hole, whose text stands nowhere: results that are one stub take no memory.
    Lone(Hole<C>),
    /// There are no holes, and the text is that of these bytes: it stands here, and not in the payload.
    Bytes(Box<BytesList>),
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

/// What a capability counts as where memory is bounded, beyond the two or three bytes of text that stand
/// for it: copies of a value cost a peer little.
pub(crate) const CAP_BYTES: usize = 32;

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
        Payload { text, rest: Rest::Holes(Vec::new()) }
    }

    /// The arguments of a call: bytes.
    pub(crate) fn list_of_bytes(bytes: Vec<u8>) -> Self {
        Payload { text: String::new(), rest: Rest::Bytes(Box::new(BytesList::new(bytes))) }
    }

    /// A value that is one capability.
    pub fn from_cap(cap: C) -> Self {
        Payload { text: String::new(), rest: Rest::Lone(Hole { at: 0, cap }) }
    }

    /// The text, with `[]` for each hole.
    #[inline]
    pub fn text(&self) -> &str {
        match &self.rest {
            Rest::Holes(_) => &self.text,
            Rest::Lone(_) => HOLE,
            Rest::Bytes(list) => list.text(),
        }
    }

    /// Whether the text is empty, which no value is.
    #[cfg(feature = "peer")]
    pub(crate) fn is_empty(&self) -> bool {
        self.text_bytes() == 0
    }

    /// The length of the text, in bytes.
    #[inline]
    pub(crate) fn text_bytes(&self) -> usize {
        match &self.rest {
            Rest::Holes(_) => self.text.len(),
            Rest::Lone(_) => HOLE.len(),
            Rest::Bytes(list) => list.text_bytes(),
        }
    }

    /// What it counts as where memory is bounded, in bytes: its text, and the place of each capability.
    #[inline]
    pub(crate) fn weight(&self) -> usize {
        let caps = match &self.rest {
            Rest::Holes(holes) => holes.len(),
            Rest::Lone(_) => 1,
            Rest::Bytes(_) => 0,
        };
        self.text_bytes() + caps * CAP_BYTES
    }

    /// Takes the bytes out, if it is a [list of bytes](Self::list_of_bytes).
    pub(crate) fn take_bytes(&mut self) -> Option<Vec<u8>> {
        if !self.is_bytes() {
            return None;
        }
        match std::mem::replace(&mut self.rest, Rest::Holes(Vec::new())) {
            Rest::Bytes(list) => Some(list.into_bytes()),
            Rest::Holes(_) | Rest::Lone(_) => None,
        }
    }

    /// The end of the text, to write on. What is written must keep the text an expression.
    #[inline]
    pub fn text_mut(&mut self) -> &mut String {
        if !self.is_written() {
            self.write_out();
        }
        &mut self.text
    }

    /// As [`text_mut`](Self::text_mut), of a payload that was made to be written on: its text stands in it.
    #[inline]
    pub(crate) fn written(&mut self) -> &mut String {
        &mut self.text
    }

    #[inline]
    fn is_written(&self) -> bool {
        matches!(self.rest, Rest::Holes(_))
    }

    #[cold]
    #[inline(never)]
    fn write_out(&mut self) {
        match std::mem::replace(&mut self.rest, Rest::Holes(Vec::new())) {
            Rest::Bytes(list) => self.text = list.into_text(),
            Rest::Lone(hole) => {
                self.text = String::from(HOLE);
                self.rest = Rest::Holes(vec![hole]);
            }
            rest @ Rest::Holes(_) => self.rest = rest,
        }
    }

    /// Whether it is a [list of bytes](Self::list_of_bytes) whose text nobody has written on.
    pub(crate) fn is_bytes(&self) -> bool {
        matches!(self.rest, Rest::Bytes(_))
    }

    #[inline]
    fn parts(&self) -> (&str, &[Hole<C>]) {
        match &self.rest {
            Rest::Holes(holes) => (&self.text, holes),
            Rest::Lone(hole) => (HOLE, std::slice::from_ref(hole)),
            Rest::Bytes(list) => (list.text(), &[]),
        }
    }

    #[inline]
    fn holes(&self) -> &[Hole<C>] {
        match &self.rest {
            Rest::Holes(holes) => holes,
            Rest::Lone(hole) => std::slice::from_ref(hole),
            Rest::Bytes(_) => &[],
        }
    }

    /// Appends a hole.
    pub fn push_cap(&mut self, cap: C) {
        let at = self.text_mut().len() as u32;
        if let Rest::Holes(holes) = &mut self.rest {
            holes.push(Hole { at, cap });
        }
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
        let (text, others) = other.parts();
        self.text.push_str(text);
        let others = others.iter();
        if let Rest::Holes(holes) = &mut self.rest {
            holes.extend(others.map(|hole| Hole { at: offset + hole.at, cap: convert(&hole.cap) }));
        }
    }

    /// The capabilities, in the order of their holes.
    pub fn caps(&self) -> impl ExactSizeIterator<Item = &C> {
        self.holes().iter().map(|hole| &hole.cap)
    }

    /// The byte offsets of the holes, ascending.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = usize> {
        self.holes().iter().map(|hole| hole.at as usize)
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
        let text = self.text();
        tape.parse(text, MAX_DEPTH_LEVELS)?;
        let root = tape.view(text);
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
        self.holes().binary_search_by_key(&offset, |hole| hole.at as usize).ok()
    }

    /// The capability of a hole.
    pub fn cap(&self, number: usize) -> Option<&C> {
        self.holes().get(number).map(|hole| &hole.cap)
    }

    /// Whether there are capabilities.
    pub fn has_caps(&self) -> bool {
        !self.holes().is_empty()
    }

    /// The capability, if the whole value is one.
    pub fn as_cap(&self) -> Option<&C> {
        match &self.rest {
            Rest::Lone(hole) => Some(&hole.cap),
            Rest::Holes(holes) => match holes.as_slice() {
                [hole] if self.text == HOLE => Some(&hole.cap),
                _ => None,
            },
            Rest::Bytes(_) => None,
        }
    }

    /// The same value with other capabilities.
    #[inline]
    pub fn map<D>(self, mut convert: impl FnMut(C) -> D) -> Payload<D> {
        let holes = match self.rest {
            Rest::Holes(holes) if holes.capacity() == 0 => {
                // Nothing to drop, which would take a call.
                std::mem::forget(holes);
                return Payload::from_text(self.text);
            }
            Rest::Holes(holes) => holes.into_iter(),
            Rest::Lone(hole) => return Payload::from_cap(convert(hole.cap)),
            Rest::Bytes(list) => return Payload { text: self.text, rest: Rest::Bytes(list) },
        };
        let holes = holes.map(|hole| Hole { at: hole.at, cap: convert(hole.cap) });
        Payload { text: self.text, rest: Rest::Holes(holes.collect()) }
    }

    /// Takes the capabilities out; the text stays with holes.
    pub fn take_caps(&mut self) -> Vec<C> {
        if matches!(self.rest, Rest::Lone(_)) {
            self.write_out();
        }
        match &mut self.rest {
            Rest::Holes(holes) => holes.drain(..).map(|hole| hole.cap).collect(),
            Rest::Lone(_) | Rest::Bytes(_) => Vec::new(),
        }
    }

    /// The parts of the text between the holes and the capabilities between them: a piece of
    /// text, the capability behind it; last, a piece with none.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, Option<&C>)> {
        let (text, holes) = self.parts();
        let (mut holes, mut from) = (holes.iter(), 0);
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
        let (text, holes) = self.parts();
        let from = match number.checked_sub(1) {
            Some(before) => holes.get(before)?.at as usize + HOLE.len(),
            None => 0,
        };
        let hole = holes.get(number);
        let to = hole.map_or(text.len(), |hole| hole.at as usize);
        Some((text.get(from..to)?, hole.map(|hole| &hole.cap)))
    }

    /// The value at a byte range of the text, with the capabilities inside it.
    pub fn slice(&self, start: usize, end: usize, mut dup: impl FnMut(&C) -> C) -> Payload<C> {
        let (text, holes) = self.parts();
        let first = holes.partition_point(|hole| (hole.at as usize) < start);
        let inside = holes.iter().skip(first).take_while(|hole| (hole.at as usize) < end);
        let holes = inside.map(|hole| Hole { at: hole.at - start as u32, cap: dup(&hole.cap) });
        Payload {
            text: text.get(start..end).unwrap_or_default().to_owned(),
            rest: Rest::Holes(holes.collect()),
        }
    }
}

impl<C: PartialEq> PartialEq for Payload<C> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() && self.holes() == other.holes()
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

#[cfg(test)]
mod tests {
    use super::Payload;

    /// All that can be asked of a payload.
    fn seen(payload: &Payload<u8>) -> impl PartialEq + std::fmt::Debug + use<> {
        let pieces = |part: (&str, Option<&u8>)| (part.0.to_owned(), part.1.copied());
        (
            (payload.text().to_owned(), payload.text_bytes(), payload.has_caps()),
            (payload.as_cap().copied(), payload.cap(0).copied(), payload.cap(1).copied()),
            (payload.hole_at(0), payload.offsets().collect::<Vec<_>>()),
            payload.pieces().map(pieces).collect::<Vec<_>>(),
            (0..3).map(|number| payload.piece(number).map(pieces)).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_lone_capability_is_what_it_is_when_written_out() {
        let lone = Payload::from_cap(7);
        let mut written = lone.clone();
        assert_eq!(written.text_mut(), "[]");
        assert_eq!(seen(&lone), seen(&written));
        assert_eq!(lone, written);
        let changes: [fn(Payload<u8>) -> Payload<u8>; 6] = [
            |payload| payload.map(|cap| cap + 1),
            |payload| payload.slice(0, 2, |cap| cap + 1),
            |payload| payload.slice(2, 2, |cap| cap + 1),
            |mut payload| {
                payload.push_cap(9);
                payload
            },
            |mut payload| {
                payload.push_payload(&Payload::from_cap(9), |&cap| cap);
                payload
            },
            |mut payload| {
                assert_eq!(payload.take_caps(), [7]);
                payload
            },
        ];
        for change in changes {
            assert_eq!(seen(&change(lone.clone())), seen(&change(written.clone())));
        }
    }
}
