//! A session whose calls are kept until a test settles them.

use std::collections::VecDeque;

use topsail_core::json::Tape;
use topsail_core::proto::{Abort, Call, Cap, Limits, Message, Session, TargetId, Turn};
use topsail_core::{Payload, RpcError};

pub(super) struct Bare {
    pub(super) session: Session,
    pub(super) turn: Turn,
    /// Calls that have not returned, detached, in order.
    pub(super) calls: VecDeque<Call>,
}

impl Bare {
    pub(super) fn new(limits: Limits) -> Self {
        Bare {
            session: Session::new(Some(TargetId(0)), limits),
            turn: Turn::default(),
            calls: VecDeque::new(),
        }
    }

    /// Hands a frame over; gives what was sent for it.
    pub(super) fn recv(&mut self, text: &str) -> Vec<String> {
        let mut tape = Tape::default();
        let limits = self.session.limits();
        if text.len() > limits.max_message_bytes {
            let why = Abort::too_long(limits.max_message_bytes);
            self.session.recv_invalid(why, &mut self.turn);
            return self.sent();
        }
        match Message::parse(text, &mut tape, limits.max_depth_levels) {
            Ok(message) => {
                // The turn and the session say when it ends.
                let _ = self.session.recv(message, &mut self.turn);
                for mut call in self.turn.calls.drain(..) {
                    call.detach(message);
                    self.calls.push_back(call);
                }
            }
            Err(error) => {
                self.session.recv_invalid(error, &mut self.turn);
            }
        }
        self.sent()
    }

    /// Settles the oldest call with a value without capabilities.
    pub(super) fn settle(&mut self, value: &str) -> Vec<String> {
        self.settle_with(Ok(Payload::from_text(value.to_owned())))
    }

    pub(super) fn settle_with(&mut self, result: Result<Payload<Cap>, RpcError>) -> Vec<String> {
        let mut call = self.calls.pop_front().expect("a call");
        for cap in call.take_caps() {
            self.session.release(cap.id(), &mut self.turn);
        }
        self.session.settle(call.answer, result, &mut self.turn);
        self.sent()
    }

    /// What has been sent since; calls that have become possible are kept.
    pub(super) fn sent(&mut self) -> Vec<String> {
        self.calls.extend(self.turn.calls.drain(..));
        let out = self.turn.out.take();
        out.split('\n').filter(|frame| !frame.is_empty()).map(str::to_owned).collect()
    }

    /// The methods of the calls that have not returned, in order.
    pub(super) fn methods(&self) -> Vec<String> {
        let name = |call: &Call| call.member(None).unwrap_or_default().to_owned();
        self.calls.iter().map(name).collect()
    }

    /// The arguments of the calls that have not returned, capabilities as `[]`.
    pub(super) fn arguments(&self) -> Vec<String> {
        let text = |call: &Call| {
            let mut scratch = Tape::default();
            let view = call.arguments(None, &mut scratch, &mut Vec::new()).expect("arguments");
            view.raw().to_owned()
        };
        self.calls.iter().map(text).collect()
    }

    /// Ends the connection, lets the calls return, and checks that nothing is left.
    pub(super) fn end(mut self) {
        self.session.disconnected(RpcError::error("gone"), &mut self.turn);
        self.sent();
        while !self.calls.is_empty() {
            self.settle("1");
        }
        assert_eq!(self.session.stats(), topsail_core::proto::Stats::default());
        assert_eq!(self.session.pending_pulls(), 0);
        assert_eq!(self.turn.dropped, [TargetId(0)], "the target is dropped once");
    }
}

/// Runs a test on a stack that recursion over hostile input would not fit on.
pub(super) fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(test);
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}
