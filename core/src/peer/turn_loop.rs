use std::rc::Rc;

use super::buffers::{Buffers, CallBuffers};
use super::inner::{Deferred, Garbage, PeerInner, State};
use super::setting::Entered;
use super::table::Entry;
use super::{Outgoing, RawStub};
use crate::RpcError;
use crate::json::Tape;
use crate::proto::{Abort, AnswerId, BytesChunk, Call, Message, Outbox};

/// While it lives a turn runs.
pub(super) struct Busy<'a> {
    peer: &'a PeerInner,
    _setting: Entered,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.peer.busy.set(false);
        self.peer.signal.release();
        if !std::thread::panicking() {
            self.peer.wake_drainers();
        } else if let Ok(mut state) = self.peer.state.try_borrow_mut() {
            // They refer to the message during which a method has panicked.
            state.turn.calls.clear();
            self.peer.signal.wake_drivers();
        }
    }
}

impl PeerInner {
    /// One whole turn for some messages: parse, dispatch, poll each method once, send.
    /// While another turn runs they are queued.
    pub(super) fn receive<'a>(self: &Rc<Self>, messages: impl Iterator<Item = &'a str>) {
        let Some(busy) = self.enter() else {
            self.inbox.borrow_mut().extend(messages.map(str::to_owned));
            return;
        };
        let mut buffers = self.take_buffers();
        for message in messages {
            self.message(message, &mut buffers);
        }
        self.finish_turn(&mut buffers);
        self.poll_woken(&mut buffers);
        self.keep_buffers(buffers);
        drop(busy);
        self.wake_for_tasks();
    }

    /// As [`receive`](Self::receive) of a message that writes bytes into a pipe.
    pub(super) fn receive_chunk(self: &Rc<Self>, chunk: BytesChunk) {
        let Some(busy) = self.enter() else {
            self.inbox.borrow_mut().push_back(chunk.into_text());
            return;
        };
        let mut buffers = self.take_buffers();
        let received = {
            let State { session, turn, .. } = &mut *self.state.borrow_mut();
            session.recv_chunk(chunk, turn)
        };
        if let Err(chunk) = received {
            self.message(&chunk.into_text(), &mut buffers);
        }
        self.finish_turn(&mut buffers);
        self.poll_woken(&mut buffers);
        self.keep_buffers(buffers);
        drop(busy);
        self.wake_for_tasks();
    }

    /// One whole turn for another input.
    pub(super) fn input(self: &Rc<Self>, run: impl FnOnce(&mut State)) {
        run(&mut self.state.borrow_mut());
        if let Some(busy) = self.enter() {
            self.end_turn(busy);
        }
    }

    /// One whole turn for the value of a promise, or a part of the one that runs.
    pub(super) fn settle_outside(
        self: &Rc<Self>,
        answer: AnswerId,
        make: impl FnOnce() -> Result<Outgoing, RpcError>,
    ) {
        let busy = self.enter();
        self.settle(answer, make());
        if let Some(busy) = busy {
            self.end_turn(busy);
        }
    }

    #[inline(never)]
    fn end_turn(self: &Rc<Self>, busy: Busy<'_>) {
        let mut buffers = self.take_buffers();
        self.finish_turn(&mut buffers);
        self.poll_woken(&mut buffers);
        self.keep_buffers(buffers);
        drop(busy);
        self.wake_for_tasks();
    }

    /// Starts a turn, unless one runs.
    #[inline(never)]
    pub(super) fn enter(&self) -> Option<Busy<'_>> {
        if self.busy.replace(true) {
            return None;
        }
        self.signal.hold();
        self.tell_time();
        Some(Busy { peer: self, _setting: Entered::new(self.host_setting) })
    }

    /// Whether something waits for a turn.
    pub(super) fn has_work(&self) -> bool {
        self.is_unfinished() || !self.state.borrow().started.is_empty()
    }

    /// Whether inputs have led to something that is not done yet.
    fn is_unfinished(&self) -> bool {
        !self.state.borrow().is_quiet()
            || !self.deferred.borrow().is_empty()
            || !self.inbox.borrow().is_empty()
    }

    /// Does all that the inputs have led to, and sends at the end.
    pub(super) fn finish_turn(self: &Rc<Self>, buffers: &mut Buffers) {
        while self.is_unfinished() {
            self.run_calls(None, &mut buffers.call);
            let did_more = self.release_deferred(&mut buffers.deferred)
                | self.resolve_wanted()
                | self.deliver_results()
                | self.hand_watches()
                | self.report_broken()
                | self.drop_garbage()
                | self.receive_queued(buffers);
            if !did_more && !self.send(&mut buffers.outbox) && !self.close() {
                break;
            }
        }
    }

    /// Hands the result of a call to the session.
    pub(super) fn settle(self: &Rc<Self>, answer: AnswerId, result: Result<Outgoing, RpcError>) {
        let result = match result {
            Ok(value) => Ok(value.map(RawStub::shorten)),
            Err(error) => Err(self.rewrite(error)),
        };
        let state = &mut *self.state.borrow_mut();
        let result = result.map(|value| state.import(self, value));
        state.session.settle(answer, result, &mut state.turn);
    }

    /// Answers a call with a promise that takes calls.
    pub(super) fn settle_promised(&self, answer: AnswerId, promise: Entry) {
        let state = &mut *self.state.borrow_mut();
        if state.session.closed().is_some() {
            state.garbage.entries.push(promise);
            let error = RpcError::error("the session has ended");
            return state.session.settle(answer, Err(error), &mut state.turn);
        }
        let target = state.targets.insert(promise);
        state.session.settle_promised(answer, target, &mut state.turn);
    }

    fn message(self: &Rc<Self>, text: &str, buffers: &mut Buffers) {
        let parsed = {
            let state = &mut *self.state.borrow_mut();
            state.receive(text, &mut buffers.tape)
        };
        self.run_calls(parsed, &mut buffers.call);
    }

    fn run_calls(self: &Rc<Self>, message: Option<Message<'_>>, buffers: &mut CallBuffers) {
        while let Some((call, on)) = self.next_call() {
            self.make_call(call, on, message, buffers);
        }
    }

    /// The next call of the turn, and what it is made on.
    fn next_call(&self) -> Option<(Call, Option<Entry>)> {
        let state = &mut *self.state.borrow_mut();
        if state.turn.closed.is_some() && !state.turn.calls.is_empty() {
            state.give_up_calls();
        }
        let call = state.turn.calls.pop_front()?;
        let on = state.targets.get(call.target).cloned();
        Some((call, on))
    }

    fn release_deferred(&self, buffer: &mut Vec<Deferred>) -> bool {
        {
            let deferred = &mut *self.deferred.borrow_mut();
            if deferred.is_empty() {
                return false;
            }
            std::mem::swap(buffer, deferred);
        }
        let state = &mut *self.state.borrow_mut();
        for deferred in buffer.drain(..) {
            match deferred {
                Deferred::Release(cap) => state.session.release(cap, &mut state.turn),
                Deferred::Forget(pull) => state.forget(pull),
                Deferred::Unwatch(watch) => {
                    state.garbage.callbacks.extend(state.watches.remove(watch.0));
                }
                Deferred::GiveUp(answer) => {
                    let error = RpcError::error("the promise is gone");
                    state.session.settle(answer, Err(error), &mut state.turn);
                }
            }
        }
        true
    }

    fn receive_queued(self: &Rc<Self>, buffers: &mut Buffers) -> bool {
        let next = self.inbox.borrow_mut().pop_front();
        if let Some(text) = &next {
            self.message(text, buffers);
        }
        next.is_some()
    }

    fn drop_garbage(&self) -> bool {
        let garbage = self.state.borrow_mut().take_garbage();
        garbage.is_some()
    }

    fn send(&self, spare: &mut Outbox) -> bool {
        {
            let state = &mut *self.state.borrow_mut();
            if state.turn.out.is_empty() {
                return false;
            }
            std::mem::swap(&mut state.turn.out, spare);
        }
        let transport = self.transport.borrow().clone();
        if let Some(transport) = transport {
            transport.send(spare);
        }
        spare.clear();
        true
    }

    /// After the end of the session: lets go of everything that may refer to it.
    fn close(&self) -> bool {
        let error = {
            let state = &mut *self.state.borrow_mut();
            let Some(error) = state.turn.closed.take() else { return false };
            state.turn.dropped.clear();
            state.let_go_of_targets(self.unsettled.get() > 0);
            state.garbage.callbacks.extend(state.watches.drain());
            error
        };
        let transport = self.transport.take();
        if let Some(transport) = transport {
            transport.close(&error);
        }
        self.signal.wake_drivers();
        true
    }

    fn wake_for_tasks(&self) {
        let any = !self.state.borrow().started.is_empty();
        if any {
            self.notify();
        }
    }
}

impl State {
    /// Promises stay, under other numbers, until their values are there: with one that is dropped, the call ends
    /// that it is of.
    fn let_go_of_targets(&mut self, are_values_to_come: bool) {
        for entry in self.targets.drain() {
            match entry {
                Entry::Promised(_) if are_values_to_come => _ = self.targets.insert(entry),
                _ => self.garbage.entries.push(entry),
            }
        }
    }

    /// The session has ended before these calls were made.
    #[cold]
    fn give_up_calls(&mut self) {
        let Some(error) = self.turn.closed.clone() else { return };
        while let Some(call) = self.turn.calls.pop_front() {
            self.give_up(call, error.clone());
        }
    }

    /// Rejects a call that cannot be made.
    #[cold]
    pub(super) fn give_up(&mut self, mut call: Call, error: RpcError) {
        for cap in call.take_caps() {
            self.session.release(cap.id(), &mut self.turn);
        }
        self.session.settle(call.answer, Err(error), &mut self.turn);
    }

    /// Gives the session a message. None if it has ended or the message cannot be parsed.
    fn receive<'a>(&mut self, text: &'a str, tape: &'a mut Tape) -> Option<Message<'a>> {
        if self.session.closed().is_some() {
            return None;
        }
        let limits = self.session.limits();
        let (longest, depth) = (limits.max_message_bytes, limits.max_depth_levels);
        if text.len() > longest {
            self.session.recv_invalid(Abort::too_long(longest), &mut self.turn);
            return None;
        }
        match Message::parse(text, tape, depth) {
            Ok(message) => {
                // What follows from an abort stands in the turn.
                let _ = self.session.recv(message, &mut self.turn);
                Some(message)
            }
            Err(error) => {
                self.session.recv_invalid(error, &mut self.turn);
                None
            }
        }
    }

    fn is_quiet(&self) -> bool {
        let turn = &self.turn;
        turn.out.is_empty()
            && turn.calls.is_empty()
            && turn.results.is_empty()
            && turn.broken.is_empty()
            && turn.wanted.is_empty()
            && turn.watched.is_empty()
            && turn.dropped.is_empty()
            && turn.closed.is_none()
            && self.garbage.is_empty()
    }

    /// What can be dropped now. None if nothing.
    fn take_garbage(&mut self) -> Option<Garbage> {
        // A queued call may be one on a target that was dropped after it.
        if self.turn.calls.is_empty() {
            let gone = self.turn.dropped.drain(..).filter(|&target| !self.session.holds(target));
            self.garbage.entries.extend(gone.filter_map(|target| self.targets.remove(target)));
        }
        (!self.garbage.is_empty()).then(|| std::mem::take(&mut self.garbage))
    }
}

impl Garbage {
    fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.stubs.is_empty()
            && self.pulls.is_empty()
            && self.callbacks.is_empty()
    }
}
