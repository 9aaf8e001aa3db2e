//! Where nodes lead to: through forwards, and through values that are one stub.

use super::{Graph, State};
use crate::Payload;
use crate::proto::ids::{Cap, CapId};

impl Graph {
    /// The node that a node stands for: the end of its forwards, which are cut short.
    ///
    /// It ends because forwards and values that are one stub never form a circle: see
    /// [`leads_to`](Self::leads_to).
    pub(in crate::proto) fn find(&mut self, cap: CapId) -> CapId {
        match *self.state(cap) {
            State::Forward(next) => {
                let end = self.peek(next);
                if next != end {
                    self.shorten(cap, end);
                }
                end
            }
            _ => cap,
        }
    }

    /// [`find`](Self::find) without cutting short.
    pub(in crate::proto) fn peek(&self, cap: CapId) -> CapId {
        let mut end = cap;
        while let State::Forward(next) = *self.state(end) {
            self.step(1);
            end = next;
        }
        end
    }

    /// [`find_stub`](Self::find_stub) without cutting short.
    pub(in crate::proto) fn peek_stub(&self, cap: CapId) -> CapId {
        let mut end = self.peek(cap);
        while let Some(inner) = self.lone_stub(end) {
            end = self.peek(inner);
        }
        end
    }

    /// What a stub of a node really is: looks through forwards and values that are one stub.
    pub(in crate::proto) fn find_stub(&mut self, cap: CapId) -> CapId {
        let first = self.find(cap);
        let (mut end, mut hops) = (first, 0);
        while let Some(inner) = self.lone_stub(end) {
            end = self.peek(inner);
            hops += 1;
        }
        if hops > 1 {
            self.shorten(first, end);
        }
        end
    }

    /// Whether a node that starts to stand for `cap` would stand for itself. Everybody who makes
    /// a node a forward or a lone stub asks first.
    pub(in crate::proto) fn leads_to(&mut self, cap: CapId, node: CapId) -> bool {
        self.find_stub(cap) == node
    }

    fn lone_stub(&self, cap: CapId) -> Option<CapId> {
        match self.state(cap) {
            State::Ready(payload) => match payload.as_cap() {
                Some(&Cap::Stub(inner)) => Some(inner),
                _ => None,
            },
            _ => None,
        }
    }

    /// Lets every node on the way from `cap` to `end` point straight to `end`, so that no chain
    /// is walked twice.
    fn shorten(&mut self, cap: CapId, end: CapId) {
        let (mut at, mut skipped) = (cap, Vec::new());
        while at != end {
            self.step(1);
            let (next, state) = match *self.state(at) {
                State::Forward(next) => (next, State::Forward(end)),
                _ => match self.lone_stub(at) {
                    Some(next) => (next, State::Ready(Payload::from_cap(Cap::Stub(end)))),
                    None => break,
                },
            };
            if next != end {
                self.retain(end);
                self.replace(at, state);
                skipped.push(next);
            }
            at = next;
        }
        for next in skipped {
            // It leads to `end`, which lives: nothing but links can go.
            self.release(next, &mut Vec::new());
        }
    }
}

/// Where nodes lead to in a graph that nobody may change: a chain is walked once, and then known.
pub(in crate::proto) struct Ends<'g> {
    graph: &'g Graph,
    /// Whether values that are one stub are looked through.
    of_stubs: bool,
    /// By place, what lies at the end of a chain; `None` of those that have not been walked.
    known: Vec<Option<CapId>>,
}

impl<'g> Ends<'g> {
    /// Of promises: as [`Graph::peek`].
    pub(in crate::proto) fn of_promises(graph: &'g Graph) -> Self {
        Ends { graph, of_stubs: false, known: Vec::new() }
    }

    /// Of stubs: as [`Graph::peek_stub`].
    pub(in crate::proto) fn of_stubs(graph: &'g Graph) -> Self {
        Ends { graph, of_stubs: true, known: Vec::new() }
    }

    pub(in crate::proto) fn end(&mut self, cap: CapId) -> CapId {
        let (mut end, mut hops) = (cap, 0);
        while let Some(next) = self.next(end) {
            (end, hops) = (next, hops + 1);
        }
        if hops > 1 {
            self.note(cap, end);
        }
        end
    }

    fn next(&self, cap: CapId) -> Option<CapId> {
        let next = match self.graph.state(cap) {
            State::Forward(next) => *next,
            State::Ready(_) if self.of_stubs => self.graph.lone_stub(cap)?,
            _ => return None,
        };
        self.graph.step(1);
        Some(self.known.get(self.graph.place(cap)).copied().flatten().unwrap_or(next))
    }

    #[cold]
    fn note(&mut self, cap: CapId, end: CapId) {
        self.graph.step(self.graph.len() - self.known.len());
        self.known.resize(self.graph.len(), None);
        let mut at = cap;
        while let Some(next) = self.next(at) {
            if let Some(known) = self.known.get_mut(self.graph.place(at)) {
                *known = Some(end);
            }
            at = next;
        }
    }
}
