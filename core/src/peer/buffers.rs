//! Memory that turns use. It is the thread's and not the session's, as most sessions are idle ones.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::RawStub;
use super::inner::{Deferred, PeerInner};
use crate::json::Tape;
use crate::proto::{Call, Outbox, Turn};

/// Memory for one turn. What stands in it between turns is of no turn.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) tape: Tape,
    pub(super) outbox: Outbox,
    pub(super) deferred: Vec<Deferred>,
    pub(super) call: CallBuffers,
    /// What a session's turn is written to.
    out: Outbox,
    calls: VecDeque<Call>,
}

/// Memory that a call uses.
#[derive(Default)]
pub(super) struct CallBuffers {
    pub(super) scratch: Tape,
    pub(super) holes: Vec<u32>,
    pub(super) caps: Vec<RawStub>,
}

/// How many turns run inside each other, of sessions that call each other, and find memory.
const MAX_SPARE: usize = 4;

/// Memory is not kept if a part of it has grown beyond so many items, or bytes of text.
const MAX_ITEMS: usize = 16 << 10;
const MAX_TEXT_BYTES: usize = 256 << 10;

thread_local! {
    #[expect(clippy::vec_box, reason = "every turn moves one out and in: a pointer, in place of all of it")]
    static SPARE: RefCell<Vec<Box<Buffers>>> = const { RefCell::new(Vec::new()) };
}

impl Buffers {
    #[inline(never)]
    pub(super) fn take() -> Box<Buffers> {
        SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten().unwrap_or_default()
    }

    #[inline(never)]
    pub(super) fn keep(self: Box<Self>) {
        // While the thread ends, nothing is kept.
        let _ = SPARE.try_with(|spare| {
            let spare = &mut *spare.borrow_mut();
            if spare.len() < MAX_SPARE && self.is_small() {
                spare.push(self);
            }
        });
    }

    fn is_small(&self) -> bool {
        let CallBuffers { scratch, holes, caps } = &self.call;
        self.tape.capacity() <= MAX_ITEMS
            && scratch.capacity() <= MAX_ITEMS
            && holes.capacity() <= MAX_ITEMS
            && caps.capacity() <= MAX_ITEMS
            && self.calls.capacity() <= MAX_ITEMS
            && self.deferred.capacity() <= MAX_ITEMS
            && self.outbox.capacity() <= MAX_TEXT_BYTES
            && self.out.capacity() <= MAX_TEXT_BYTES
    }
}

impl PeerInner {
    /// Memory for a turn.
    #[inline(never)]
    pub(super) fn take_buffers(&self) -> Box<Buffers> {
        let mut buffers = Buffers::take();
        buffers.lend(&mut self.state.borrow_mut().turn);
        buffers
    }

    /// Takes back what [`take_buffers`](Self::take_buffers) gave.
    #[inline(never)]
    pub(super) fn keep_buffers(&self, mut buffers: Box<Buffers>) {
        let turn = &mut self.state.borrow_mut().turn;
        buffers.lend(turn);
        if turn.out.capacity() > 0 || turn.calls.capacity() > 0 {
            trim(turn);
        }
        let deferred = &mut *self.deferred.borrow_mut();
        if deferred.is_empty() && deferred.capacity() > 0 {
            buffers.deferred = std::mem::take(deferred);
        }
        buffers.keep();
    }
}

impl Buffers {
    /// Gives a turn its memory, or takes it back. What was asked for before the turn is there already.
    #[inline]
    fn lend(&mut self, turn: &mut Turn) {
        if turn.out.is_empty() {
            std::mem::swap(&mut turn.out, &mut self.out);
        }
        if turn.calls.is_empty() {
            std::mem::swap(&mut turn.calls, &mut self.calls);
        }
    }
}

/// What was asked for before the turn has had memory of its own.
#[cold]
fn trim(turn: &mut Turn) {
    if turn.out.is_empty() {
        turn.out = Outbox::default();
    }
    turn.calls.shrink_to_fit();
}
