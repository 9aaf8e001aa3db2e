//! A snapshot into bytes.

use super::snapshot::{Entry, EntryKind, Link, MainExport, Node, PeerEntry, Snapshot, Waiting};
use super::{MAX_NUMBER, SturdyRef, tag};
use crate::{Payload, RpcError};

impl Snapshot {
    /// Appends the bytes.
    pub(in crate::proto) fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer { out, words: Vec::new() };
        writer.byte(tag::VERSION);
        for last in [self.last_push, self.last_export, self.last_import] {
            writer.number(last.unsigned_abs());
        }
        writer.list(&self.nodes, Writer::node);
        writer.byte(match self.main {
            MainExport::Released => tag::MAIN_RELEASED,
            MainExport::Held => tag::MAIN_HELD,
            MainExport::Pulled => tag::MAIN_PULLED,
        });
        writer.exports(&self.exports);
        writer.list(&self.waiting, |writer, &Waiting { id, is_streamed }| {
            let zigzag = ((id.0 << 1) ^ (id.0 >> 63)) as u64;
            writer.number(zigzag << 1 | u64::from(is_streamed));
        });
        let mut before = 0;
        writer.list(&self.held, |writer, &(number, node)| {
            writer.number(u64::from(number.saturating_sub(before)));
            writer.number(node.into());
            before = number;
        });
    }
}

struct Writer<'s, 'o> {
    out: &'o mut Vec<u8>,
    /// Words that need not be written again.
    words: Vec<&'s str>,
}

impl<'s> Writer<'s, '_> {
    fn list<T>(&mut self, items: &'s [T], mut write: impl FnMut(&mut Self, &'s T)) {
        self.number(items.len() as u64);
        for item in items {
            write(self, item);
        }
    }

    fn node(&mut self, node: &'s Node) {
        match node {
            Node::Main => self.byte(tag::MAIN),
            Node::PeerMain => self.byte(tag::PEER_MAIN),
            Node::Target(name) => self.target(name),
            Node::Value(value) => self.value(value),
            Node::Failed(error) => self.failure(error),
            Node::Peer(entry) => self.peer_entry(entry),
        }
    }

    fn target(&mut self, name: &'s SturdyRef) {
        self.byte(tag::TARGET);
        self.word(&name.kind);
        self.text(&name.state);
    }

    fn value(&mut self, value: &'s Payload<Link>) {
        self.byte(tag::VALUE);
        self.text(value.text());
        for link in value.caps() {
            self.number(u64::from(link.node) << 1 | u64::from(link.is_promise));
        }
    }

    fn failure(&mut self, error: &'s RpcError) {
        let parts = error.parts();
        let mut flags = 0;
        for (flag, is_set) in [
            (tag::HAS_STACK, parts.stack.is_some()),
            (tag::STACK_IS_SENT, parts.stack.is_some_and(|(_, is_sent)| is_sent)),
            (tag::HAS_PROPS, !parts.props.is_empty()),
            (tag::HAS_THROWN, parts.thrown.is_some()),
        ] {
            flags |= if is_set { flag } else { 0 };
        }
        self.byte(tag::FAILED);
        self.byte(flags);
        self.word(parts.kind);
        self.word(parts.message);
        let props = Some(parts.props).filter(|props| !props.is_empty());
        for text in [parts.stack.map(|(stack, _)| stack), props, parts.thrown].into_iter().flatten()
        {
            self.text(text);
        }
    }

    fn peer_entry(&mut self, entry: &PeerEntry) {
        self.byte(match (entry.id.0 > 0, entry.is_promise, entry.is_pulled) {
            (true, _, false) => tag::PUSH,
            (true, _, true) => tag::PULLED_PUSH,
            (false, true, _) => tag::PEER_PROMISE,
            (false, false, _) => tag::PEER_STUB,
        });
        self.number(entry.id.0.unsigned_abs());
        if entry.id.0 < 0 {
            self.number(entry.refs.min(MAX_NUMBER));
        }
    }

    fn exports(&mut self, exports: &'s [Entry]) {
        let (results, others) = exports.split_at(exports.partition_point(Entry::is_result));
        let mut before = 0;
        self.list(results, |writer, entry| {
            writer.number(entry.id.0.saturating_sub(before) as u64);
            writer.number(u64::from(entry.node) << 1 | u64::from(entry.is_pulled));
            before = entry.id.0;
        });
        let mut before = 0_i64;
        self.list(others, |writer, entry| {
            let kind = match entry.kind {
                EntryKind::Promise => tag::IS_PROMISE,
                EntryKind::Stub { is_known: true } => tag::IS_KNOWN,
                EntryKind::Stub { is_known: false } | EntryKind::Result => 0,
            };
            let pulled = if entry.is_pulled { tag::IS_PULLED } else { 0 };
            let more_refs = entry.refs.saturating_sub(1).min(MAX_NUMBER);
            writer.number(before.saturating_sub(entry.id.0) as u64);
            writer.number(more_refs << tag::EXPORT_FLAG_BITS | kind | pulled);
            writer.number(entry.node.into());
            before = entry.id.0;
        });
    }

    fn text(&mut self, text: &'s str) {
        self.number(text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn word(&mut self, word: &'s str) {
        if let Some(earlier) = self.words.iter().position(|&earlier| earlier == word) {
            return self.number((earlier as u64) << 1 | 1);
        }
        self.number((word.len() as u64) << 1);
        self.out.extend_from_slice(word.as_bytes());
        tag::share(&mut self.words, word);
    }

    #[inline(never)]
    fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }
}
