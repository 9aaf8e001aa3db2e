//! A peer as bytes, and back.

use std::rc::Rc;

use super::handle::RpcSessionOptions;
use super::inner::{PeerInner, State};
use super::note::{Saved, number};
use super::raw_stub::Kind;
use super::table::{Entry, Targets};
use super::{Outgoing, Peer, RawStub, RpcTarget, Transport};
use crate::ordered::Ordered;
use crate::proto::{
    AnswerId, CapId, Limits, Name, Outbox, Pin, Pinned, Session, SturdyRef, TargetId, ThawError,
    Turn, hole_offsets,
};
use crate::{Payload, RpcError};

/// Something that a session loses with its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What it is, for people.
    pub reason: String,
    /// Whether it is something that runs, and so ends by itself.
    pub is_running: bool,
}

/// How targets are revived: by kind and state.
pub type Revive<'r> = &'r mut dyn FnMut(&str, Outgoing) -> Result<Rc<dyn RpcTarget>, RpcError>;

impl Peer {
    /// Appends the session to `out`, to be [thawed](Self::thaw) after the memory is lost, and gives
    /// what would be lost then: other targets than durable ones, calls that run, stubs of the
    /// peer's that are held in memory only. They reject every use with `lost`. The call that is
    /// being made while this is asked does not count.
    ///
    /// `held` are stubs that the thawed session gives back, in this order. To be called between
    /// turns.
    ///
    /// # Errors
    ///
    /// If the session has ended, or is too large for its own limits.
    pub fn freeze(
        &self,
        held: &[&RawStub],
        lost: &RpcError,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Loss>, Pinned> {
        self.note_targets();
        self.0.freeze(held, lost, out)
    }

    /// As [`freeze`](Self::freeze), without running code of the application: durable targets are
    /// saved as `freeze`, [`note_targets`](Self::note_targets) or
    /// [`note_touched_targets`](Self::note_touched_targets) last saw them. For when the application
    /// is in the middle of something.
    ///
    /// # Errors
    ///
    /// As `freeze`, and where the session is in the middle of something itself.
    pub fn freeze_as_before(
        &self,
        held: &[&RawStub],
        lost: &RpcError,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Loss>, Pinned> {
        let is_between_turns = self.0.state.try_borrow_mut().is_ok();
        match is_between_turns {
            true => self.0.freeze(held, lost, out),
            false => Err(Pinned(vec![Pin::Closed])),
        }
    }

    /// A session from the bytes that [`freeze`](Self::freeze) wrote, and the stubs that were held; behind
    /// them, others of those in the states of targets. The next turn sends what follows from what was lost.
    ///
    /// # Errors
    ///
    /// If the bytes are no frozen session or exceed the limits. They are not trusted.
    pub fn thaw(
        bytes: &[u8],
        main: Rc<dyn RpcTarget>,
        transport: impl Transport + 'static,
        options: RpcSessionOptions,
        revive: Revive<'_>,
    ) -> Result<(Peer, Vec<RawStub>), ThawError> {
        let (mut targets, mut turn, mut named) = (Targets::default(), Turn::default(), Vec::new());
        let main = targets.intern(main);
        let mut find = |name: &SturdyRef| {
            let unrevived = RawStub::broken(RpcError::error("not revived"));
            let id = targets.insert(Entry::Forward(unrevived));
            named.push((id, name.clone()));
            Ok(id)
        };
        let limits = options.limits.clone();
        let thawed = Session::thaw(bytes, Some(main), limits, &mut find, &mut turn)?;
        let peer =
            PeerInner::around(thawed.session, turn, targets, Some(Rc::new(transport)), options);
        let held = thawed.held.into_iter();
        let held: Vec<_> = held.map(|(number, cap)| (number, RawStub::stub(&peer, cap))).collect();
        for (id, name) in named {
            peer.revive(id, &name, &held, revive);
        }
        let peer = Peer(peer);
        // The first turn may be one that fails in the middle.
        peer.note_targets();
        Ok((peer, held.into_iter().map(|(_, stub)| stub).collect()))
    }

    /// All calls that run reject with `error`, and so does what waits for them; gives what is to be
    /// sent for that. Runs no code of the application, whose memory is about to be lost: the peer
    /// is good for [`freeze_as_before`](Self::freeze_as_before) only from then on. `None` if the
    /// session is in the middle of something.
    pub fn fail_running(&self, error: &RpcError) -> Option<Outbox> {
        let state = &mut *self.0.state.try_borrow_mut().ok()?;
        state.session.fail_running(error, &mut state.turn);
        Some(std::mem::take(&mut state.turn.out))
    }

    /// Drops what the session has of this side, and says nothing to anybody: no callback runs, and
    /// no promise settles. For a session that goes on elsewhere, from its saved bytes.
    pub fn abandon(&self) {
        let parts = {
            let state = &mut *self.0.state.borrow_mut();
            let pulls = state.pulls.drain();
            (
                state.targets.drain(),
                state.watches.drain(),
                std::mem::take(&mut state.started),
                pulls,
            )
        };
        // Outside of the borrow, as destructors are the application's code.
        drop((parts, self.0.tasks.take(), self.0.transport.take()));
    }

    /// Whether a stub is of something of this session's other side.
    pub fn is_of(&self, stub: &RawStub) -> bool {
        matches!(&stub.kind, Kind::Session(reference) if Rc::ptr_eq(&reference.peer, &self.0))
    }

    /// Does now what stubs and promises have asked for: a whole turn.
    pub fn flush(&self) {
        self.0.input(|_| {});
    }

    /// Whether a target lives that somebody besides the session refers to, and that may so have
    /// changed without the session knowing.
    pub fn has_shared_durables(&self) -> bool {
        let saved = self.0.saved.borrow();
        let state = self.0.state.borrow();
        saved.iter().any(|(id, _)| match state.targets.get(TargetId(id.cast_unsigned())) {
            Some(Entry::Target(target)) => {
                Rc::strong_count(target) > 1 || Rc::weak_count(target) > 0
            }
            _ => false,
        })
    }
}

impl PeerInner {
    fn freeze(
        self: &Rc<Self>,
        held: &[&RawStub],
        lost: &RpcError,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Loss>, Pinned> {
        let mut lent = Vec::new();
        let name = |&stub: &&RawStub| self.name_stub(stub.clone(), &mut lent);
        let caps: Vec<_> = held.iter().map(name).collect();
        let state = &mut *self.state.borrow_mut();
        let gone = state.session.broken(lost.clone());
        lent.push(gone);
        let caps = caps.into_iter().map(|cap| cap.unwrap_or(gone));
        let held: Vec<_> = (0..).zip(caps).collect();
        let saved = self.saved.borrow();
        let pins = state.freeze(held, &saved, gone, lost, out);
        lent.into_iter().for_each(|cap| state.session.release(cap, &mut state.turn));
        let answering = self.answering.get();
        let reasons = pins?.into_iter().filter(|pin| !is_answering(pin, answering));
        Ok(reasons.map(|pin| state.loss(&pin, &saved)).collect())
    }

    /// Makes a target of its name, or breaks it.
    fn revive(
        self: &Rc<Self>,
        id: TargetId,
        name: &SturdyRef,
        held: &[(u32, RawStub)],
        revive: Revive<'_>,
    ) {
        let limits = self.state.borrow().session.limits().clone();
        let revived = state_of(name, held, &limits).and_then(|state| revive(&name.kind, state));
        let state = &mut *self.state.borrow_mut();
        match revived {
            Ok(target) => state.targets.replace(id, target),
            Err(error) => {
                state.session.break_target(id, error);
                state.garbage.entries.extend(state.targets.remove(id));
            }
        }
    }
}

impl State {
    /// `held` has the numbers from 0; those of the targets' capabilities follow. A target that has
    /// let go of one since it was asked gets `gone`: the `CapId` may be another object's by now.
    fn freeze(
        &self,
        mut held: Vec<(u32, CapId)>,
        saved: &Saved,
        gone: CapId,
        lost: &RpcError,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Pin>, Pinned> {
        let mut names = Ordered::default();
        for (id, target) in saved.iter() {
            let Ok(text) = &target.state else { continue };
            let first = if target.caps.is_empty() { 0 } else { held.len() as u32 };
            let is_held = |cap, was: Option<_>| was.is_none() || self.session.referent(cap) == was;
            let caps = target.caps.iter();
            let caps = caps.map(|&(cap, was)| if is_held(cap, was) { cap } else { gone });
            held.extend((first..).zip(caps));
            let state = format!("{first} {text}").into();
            names.insert(id, SturdyRef { kind: target.kind.into(), state });
        }
        let mut name = |id| names.remove(number(id)).map_or(Name::Pin, Name::Sturdy);
        self.session.freeze_lossy(&held, &mut name, lost, out)
    }

    fn loss(&self, pin: &Pin, saved: &Saved) -> Loss {
        let is_running = matches!(pin, Pin::Call(_) | Pin::Waiting(_) | Pin::Pull(_) | Pin::Stream);
        Loss { reason: self.reason(pin, saved), is_running }
    }

    /// Why something pins, in words.
    fn reason(&self, pin: &Pin, saved: &Saved) -> String {
        let Pin::Target(id) = *pin else { return pin.to_string() };
        let failure = saved.get(number(id)).map(|saved| &saved.state);
        match (self.targets.get(id), failure) {
            (Some(Entry::Target(target)), Some(Err(error))) => {
                format!("{} cannot be saved: {}", target.type_name(), error.message())
            }
            (Some(Entry::Target(target)), _) => format!("{} is not durable", target.type_name()),
            _ => String::from("a stub of another session was passed on"),
        }
    }
}

/// The state in a name, with its stubs.
fn state_of(
    name: &SturdyRef,
    held: &[(u32, RawStub)],
    limits: &Limits,
) -> Result<Outgoing, RpcError> {
    let lacks = || RpcError::type_error("the saved state of a target is malformed");
    let (first, text) = name.state.split_once(' ').ok_or_else(lacks)?;
    let mut number: u32 = first.parse().map_err(|_| lacks())?;
    let (mut state, mut from) = (Payload::empty(), 0);
    for hole in hole_offsets(text, limits)? {
        let at = held.binary_search_by_key(&number, |&(number, _)| number);
        let (_, stub) = at.ok().and_then(|at| held.get(at)).ok_or_else(lacks)?;
        state.text_mut().push_str(text.get(from..hole).unwrap_or_default());
        state.push_cap(stub.clone());
        from = state.text().len();
        number = number.checked_add(1).ok_or_else(lacks)?;
    }
    state.text_mut().push_str(text.get(from..).unwrap_or_default());
    Ok(state)
}

/// Whether a pin is the call that asks for the pins.
fn is_answering(pin: &Pin, answering: Option<AnswerId>) -> bool {
    matches!(*pin, Pin::Call(answer) if Some(answer) == answering)
}
