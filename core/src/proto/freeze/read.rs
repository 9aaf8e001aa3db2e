//! A snapshot from bytes, which are not trusted: what is returned has the form of a snapshot, and
//! `verify` has found it consistent.

use super::snapshot::{Entry, EntryKind, Link, MainExport, Node, PeerEntry, Snapshot, Waiting};
use super::text::{check_error, hole_offsets};
use super::verify::verify;
use super::{MAX_NUMBER, SturdyRef, ThawError, tag};
use crate::error::Parts;
use crate::proto::ids::{ExportId, ImportId};
use crate::proto::limits::Limits;
use crate::{Payload, RpcError};

/// Reads a snapshot and checks all of it, by the limits too.
pub(in crate::proto) fn read(bytes: &[u8], limits: &Limits) -> Result<Snapshot, ThawError> {
    if bytes.len() > i32::MAX as usize {
        return Err(ThawError::Malformed("longer than 2 GiB"));
    }
    let mut reader = Reader { rest: bytes, words: Vec::new(), limits };
    let snapshot = reader.snapshot()?;
    verify(&snapshot, limits)?;
    Ok(snapshot)
}

type Read<T> = Result<T, ThawError>;

struct Reader<'b> {
    rest: &'b [u8],
    /// Words that stand for later ones.
    words: Vec<&'b str>,
    limits: &'b Limits,
}

impl<'b> Reader<'b> {
    fn snapshot(&mut self) -> Read<Snapshot> {
        match self.byte()? {
            tag::VERSION => {}
            version => return Err(ThawError::Version(version)),
        }
        let mut snapshot = Snapshot {
            last_push: self.id()?,
            last_export: -self.id()?,
            last_import: self.id()?,
            nodes: self.list(Self::node)?,
            main: self.main()?,
            exports: self.results()?,
            ..Snapshot::default()
        };
        snapshot.exports.append(&mut self.exports()?);
        snapshot.waiting = self.list(Self::waiting)?;
        snapshot.held = self.held()?;
        match self.rest {
            [] => Ok(snapshot),
            _ => Err(ThawError::Malformed("bytes behind the end")),
        }
    }

    /// Items of at least one byte each, so that no more memory is taken than bytes are there.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.number()?;
        if count > self.rest.len() as u64 {
            return Err(ThawError::Malformed("a count exceeds the bytes"));
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn node(&mut self) -> Read<Node> {
        let tag = self.byte()?;
        Ok(match tag {
            tag::MAIN => Node::Main,
            tag::PEER_MAIN => Node::PeerMain,
            tag::TARGET => Node::Target(self.name()?),
            tag::VALUE => Node::Value(self.value()?),
            tag::FAILED => Node::Failed(self.failure()?),
            tag::PEER_STUB | tag::PEER_PROMISE => {
                let (id, refs) = (ImportId(-self.id()?), self.number()?);
                let is_promise = tag == tag::PEER_PROMISE;
                Node::Peer(PeerEntry { id, refs, is_promise, is_pulled: is_promise })
            }
            tag::PUSH | tag::PULLED_PUSH => {
                let (id, is_pulled) = (ImportId(self.id()?), tag == tag::PULLED_PUSH);
                Node::Peer(PeerEntry { id, refs: 1, is_promise: true, is_pulled })
            }
            _ => return Err(ThawError::Malformed("an unknown kind of node")),
        })
    }

    fn name(&mut self) -> Read<SturdyRef> {
        Ok(SturdyRef { kind: self.word()?.into(), state: self.text()?.into() })
    }

    fn value(&mut self) -> Read<Payload<Link>> {
        let text = self.text()?;
        let holes = hole_offsets(text, self.limits)
            .map_err(|_| ThawError::Malformed("a value is no expression"))?;
        let (mut value, mut from) = (Payload::empty(), 0);
        for hole in holes {
            value.written().push_str(text.get(from..hole).unwrap_or_default());
            let number = self.number()?;
            value.push_cap(Link { node: index(number >> 1)?, is_promise: number & 1 == 1 });
            from = value.text().len();
        }
        value.written().push_str(text.get(from..).unwrap_or_default());
        Ok(value)
    }

    fn failure(&mut self) -> Read<RpcError> {
        let flags = self.byte()?;
        let has = |flag| flags & flag != 0;
        if flags & !tag::FAILURE_FLAGS != 0 || (has(tag::STACK_IS_SENT) && !has(tag::HAS_STACK)) {
            return Err(ThawError::Malformed("unknown flags of an error"));
        }
        let (kind, message) = (self.word()?, self.word()?);
        let mut text_if = |flag| has(flag).then(|| self.text()).transpose();
        let error = RpcError::from_parts(Parts {
            kind,
            message,
            stack: text_if(tag::HAS_STACK)?.map(|stack| (stack, has(tag::STACK_IS_SENT))),
            props: text_if(tag::HAS_PROPS)?.unwrap_or_default(),
            thrown: text_if(tag::HAS_THROWN)?,
        });
        match check_error(&error, self.limits) {
            Ok(()) => Ok(error),
            Err(_) => Err(ThawError::Malformed("an error holds what is no expression")),
        }
    }

    fn main(&mut self) -> Read<MainExport> {
        match self.byte()? {
            tag::MAIN_RELEASED => Ok(MainExport::Released),
            tag::MAIN_HELD => Ok(MainExport::Held),
            tag::MAIN_PULLED => Ok(MainExport::Pulled),
            _ => Err(ThawError::Malformed("an unknown state of the main object")),
        }
    }

    fn results(&mut self) -> Read<Vec<Entry>> {
        let mut id = 0;
        self.list(|reader| {
            id = next_id(id, reader.number()?)?;
            let number = reader.number()?;
            let (node, is_pulled) = (index(number >> 1)?, number & 1 == 1);
            Ok(Entry { id: ExportId(id), node, refs: 1, kind: EntryKind::Result, is_pulled })
        })
    }

    fn exports(&mut self) -> Read<Vec<Entry>> {
        let mut id = 0;
        self.list(|reader| {
            id = next_id(id, reader.number()?)?;
            let number = reader.number()?;
            let kind = match (number & tag::IS_PROMISE != 0, number & tag::IS_KNOWN != 0) {
                (false, is_known) => EntryKind::Stub { is_known },
                (true, false) => EntryKind::Promise,
                (true, true) => return Err(ThawError::Malformed("unknown flags of an export")),
            };
            Ok(Entry {
                id: ExportId(-id),
                node: index(reader.number()?)?,
                refs: (number >> tag::EXPORT_FLAG_BITS) + 1,
                kind,
                is_pulled: number & tag::IS_PULLED != 0,
            })
        })
    }

    fn waiting(&mut self) -> Read<Waiting> {
        let number = self.number()?;
        let zigzag = number >> 1;
        let id = ExportId((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        Ok(Waiting { id, is_streamed: number & 1 == 1 })
    }

    fn held(&mut self) -> Read<Vec<(u32, u32)>> {
        let mut number = 0_u32;
        self.list(|reader| {
            number = number
                .checked_add(index(reader.number()?)?)
                .ok_or(ThawError::Malformed("a number is too large"))?;
            Ok((number, index(reader.number()?)?))
        })
    }

    fn text(&mut self) -> Read<&'b str> {
        let length = self.number()?;
        self.text_of(length)
    }

    fn word(&mut self) -> Read<&'b str> {
        let number = self.number()?;
        if number & 1 == 1 {
            let earlier = usize::try_from(number >> 1).ok().and_then(|at| self.words.get(at));
            return earlier.copied().ok_or(ThawError::Malformed("no such earlier word"));
        }
        let word = self.text_of(number >> 1)?;
        tag::share(&mut self.words, word);
        Ok(word)
    }

    #[inline(never)]
    fn text_of(&mut self, length: u64) -> Read<&'b str> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(TRUNCATED)?;
        self.rest = rest;
        str::from_utf8(bytes).map_err(|_| ThawError::Malformed("a text is no UTF-8"))
    }

    /// An id without its sign, or the number of the last one.
    fn id(&mut self) -> Read<i64> {
        next_id(0, self.number()?)
    }

    #[inline(never)]
    fn number(&mut self) -> Read<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(ThawError::Malformed("a number is too large"))
    }

    fn byte(&mut self) -> Read<u8> {
        let (&byte, rest) = self.rest.split_first().ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(byte)
    }
}

const TRUNCATED: ThawError = ThawError::Malformed("it ends too early");

fn next_id(before: i64, more: u64) -> Read<i64> {
    let sum = more.checked_add(before.unsigned_abs()).filter(|&sum| sum <= MAX_NUMBER);
    sum.map(|sum| sum as i64).ok_or(ThawError::Malformed("an id is too large"))
}

/// The number of a node, or of what is held.
fn index(number: u64) -> Read<u32> {
    u32::try_from(number).map_err(|_| ThawError::Malformed("a number is too large"))
}
