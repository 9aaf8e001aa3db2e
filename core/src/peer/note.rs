//! What is noted of durable targets, so that a peer can be frozen without asking them.

use std::any::Any;
use std::rc::Rc;

use super::inner::PeerInner;
use super::raw_stub::Kind;
use super::target::BoundMethod;
use super::{DurableTarget, Peer, RawStub, RpcTarget};
use crate::RpcError;
use crate::ordered::Ordered;
use crate::proto::table::Table;
use crate::proto::{CapId, Referent, TargetId};

/// The durable targets of a peer as they were last saved.
pub(super) type Saved = Ordered<SavedTarget>;

/// The number of a target among those.
pub(super) fn number(id: TargetId) -> i64 {
    id.0.cast_signed()
}

/// A target's kind and state.
pub(super) struct SavedTarget {
    pub(super) kind: &'static str,
    /// The state with a hole for each capability, or why it could not be saved.
    pub(super) state: Result<String, RpcError>,
    /// The capabilities, which the state refers to, and which objects they stand for.
    pub(super) caps: Vec<(CapId, Option<Referent>)>,
    /// References to targets that only the state holds.
    lent: Vec<CapId>,
}

/// A note of the touched targets pays for the asking of so many: when all are paid for, all are
/// asked. So the work is linear in the notes, and a session with no more targets has all asked in
/// every note.
const PAID_BY_NOTE: u32 = 16;

impl Peer {
    /// Asks the durable targets for their states, as [`freeze`](Self::freeze) does, for a later
    /// [`freeze_as_before`](Self::freeze_as_before). To be called between turns.
    pub fn note_targets(&self) {
        self.0.state.borrow_mut().targets.touch_all();
        self.0.save_targets();
    }

    /// As [`note_targets`](Self::note_targets), but asks only those that are new, or of which the
    /// session has called a method or had one go on since they were asked last.
    ///
    /// It does not see what changes a target in another way: calls by stubs within this process,
    /// and what the target shares with other objects. So all are asked where there are no more
    /// than 16, and else in as many notes as a sixteenth of them.
    pub fn note_touched_targets(&self) {
        let paid = self.0.paid.get().unwrap_or_default() + PAID_BY_NOTE;
        if paid as usize >= self.0.state.borrow().targets.len() {
            return self.note_targets();
        }
        self.0.paid.set(Some(paid));
        self.0.save_targets();
    }
}

impl PeerInner {
    /// A target has run code. Told afterwards: all may be noted in the middle of it.
    #[inline]
    pub(super) fn touch(&self, id: TargetId) {
        if self.paid.get().is_some() {
            self.note_touch(id);
        }
    }

    #[cold]
    #[inline(never)]
    fn note_touch(&self, id: TargetId) {
        self.state.borrow_mut().targets.touch(id);
    }

    /// Asks the durable targets that were touched for their states, and those that they lead to.
    fn save_targets(self: &Rc<Self>) {
        let mut asked = Table::default();
        loop {
            let mut ids = self.take_touched();
            ids.retain(|id| asked.insert(id.0, 0));
            if ids.is_empty() {
                break;
            }
            ids.into_iter().for_each(|id| self.save_target(id));
        }
    }

    fn take_touched(&self) -> Vec<TargetId> {
        let targets = &mut self.state.borrow_mut().targets;
        targets.take_touched().unwrap_or_else(|| {
            self.paid.set(Some(0));
            let saved = self.saved.borrow();
            let before = saved.iter().map(|(id, _)| TargetId(id.cast_unsigned()));
            before.chain(targets.ids()).collect()
        })
    }

    /// Asks a target for its state, if it is durable, and forgets it if it is gone.
    fn save_target(self: &Rc<Self>, id: TargetId) {
        let target = self.target(id);
        // The application's code: nothing is borrowed.
        let durable = target.as_ref().and_then(|target| target.as_durable());
        if let Some(on) = target.as_deref().and_then(method_of) {
            self.state.borrow_mut().targets.touch_known(on);
        }
        let saved = durable.map(|durable| self.ask(durable));
        let all = &mut *self.saved.borrow_mut();
        let before = match (saved, all.get_mut(number(id))) {
            (Some(saved), Some(before)) => Some(std::mem::replace(before, saved)),
            (Some(saved), None) => {
                all.insert(number(id), saved);
                None
            }
            (None, _) => all.remove(number(id)),
        };
        let state = &mut *self.state.borrow_mut();
        let lent = before.into_iter().flat_map(|before| before.lent);
        lent.for_each(|cap| state.session.release(cap, &mut state.turn));
    }

    fn ask(self: &Rc<Self>, durable: &dyn DurableTarget) -> SavedTarget {
        let (mut caps, mut lent) = (Vec::new(), Vec::new());
        let state = durable.save().and_then(|state| {
            let text = state.text().to_owned();
            let _ = state.map(|stub| caps.push(self.name_stub(stub, &mut lent)));
            if caps.iter().all(Option::is_some) { Ok(text) } else { Err(foreign()) }
        });
        let session = &self.state.borrow().session;
        let caps = caps.into_iter().flatten().map(|cap| (cap, session.referent(cap))).collect();
        SavedTarget { kind: durable.kind(), state, caps, lent }
    }

    /// The capability of a stub in a state or among those held, which something else refers to:
    /// what holds the stub, or `lent`. `None` where it is nothing of this session's.
    pub(super) fn name_stub(
        self: &Rc<Self>,
        stub: RawStub,
        lent: &mut Vec<CapId>,
    ) -> Option<CapId> {
        let is_plain = !stub.is_promise() && !stub.is_stream();
        match stub.kind {
            Kind::Session(reference) => {
                let is_own = Rc::ptr_eq(&reference.peer, self);
                // At once: one that is given back later would wake its session, and where others
                // share the target, waking any session of an object has this one saved again.
                let cap = reference.give_back();
                (is_own && is_plain).then_some(cap)
            }
            Kind::Local(target) if is_plain => {
                let cap = self.adopt(target);
                lent.push(cap);
                Some(cap)
            }
            _ => None,
        }
    }
}

/// The target whose method is called by calling this one.
fn method_of(target: &dyn RpcTarget) -> Option<&Rc<dyn RpcTarget>> {
    let target: &dyn Any = target;
    target.downcast_ref::<BoundMethod>().map(BoundMethod::target)
}

fn foreign() -> RpcError {
    RpcError::error("it holds a promise, or a stub of another session")
}
