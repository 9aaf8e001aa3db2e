//! Pumps: sending what is written into a pipe to a writable of the peer's, within the window of
//! flow control (protocol page, "stream" and "pipe").

use super::Session;
use crate::json::write_i64;
use crate::proto::flow::Flow;
use crate::proto::graph::{Action, State};
use crate::proto::ids::{Cap, CapId, ImportId};
use crate::proto::pipe::{End, Next, Pipe, Pump, Reader, Sent};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, base64, bytes_list, refusal};

impl Session {
    /// A writable whose writes are sent without waiting for each other, within a window that
    /// follows the bandwidth, where `on` is one of the peer's; otherwise `on` itself. Takes over
    /// the reference, and gives one.
    pub fn writer(&mut self, on: CapId, turn: &mut Turn) -> CapId {
        let node = self.graph.find(on);
        let State::Import(import) = self.graph.state(node) else { return on };
        let import = import.id;
        if node != on {
            self.graph.retain(node);
            self.release_cap(on, turn);
        }
        let (writable, readable) = self.pipe();
        self.start_pump(readable, node, import, turn);
        self.run_woken(turn);
        writable
    }

    /// As a [call](Self::call) of `write` on a writable, with a list of one chunk, whose result nobody
    /// needs: the chunk is sent.
    ///
    /// # Errors
    ///
    /// The arguments, if they cannot be sent now. Nothing has happened then, and the call tells more.
    pub fn write_at_once(
        &mut self,
        on: CapId,
        arguments: Payload<Cap>,
        turn: &mut Turn,
    ) -> Result<(), Payload<Cap>> {
        let Some(pump) = self.open_pump(on) else { return Err(arguments) };
        if self.admit_caps(&arguments).is_err() {
            return Err(arguments);
        }
        self.send_chunk(pump, arguments, turn);
        self.run_woken(turn);
        Ok(())
    }

    /// The pump that sends what is written into a writable, if it can send more and nothing waits for it.
    fn open_pump(&self, on: CapId) -> Option<u64> {
        let &State::Writable(key) = self.graph.state(self.graph.peek(on)) else { return None };
        match self.pipes.get(key)? {
            Pipe { end: End::Open, reader: Reader::Pump(pump), queue, .. } => {
                (queue.is_empty() && self.has_room(*pump)).then_some(*pump)
            }
            _ => None,
        }
    }

    /// Makes pipes at the peer for the readable streams in a payload that is about to be sent;
    /// gives their ids, in the order of the payload.
    pub(super) fn open_pipes(&mut self, payload: &Payload<Cap>, turn: &mut Turn) -> Vec<ImportId> {
        let mut ids = Vec::new();
        for cap in payload.caps() {
            if let &Cap::Readable(readable) = cap {
                ids.push(self.open_pipe(readable, turn));
            }
        }
        ids
    }

    fn open_pipe(&mut self, readable: CapId, turn: &mut Turn) -> ImportId {
        turn.out.message().push_str("[\"pipe\"]");
        self.last_import += 1;
        let id = ImportId(self.last_import);
        let to = self.add_import(id, false);
        let end = self.graph.find(readable);
        let readable = match self.unreadable(end) {
            None => self.graph.retain(end),
            Some(why) => {
                // The peer's reader gets to know why.
                let (writable, readable) = self.pipe();
                self.start_pump(readable, to, id, turn);
                if let &State::Writable(key) = self.graph.state(writable) {
                    self.fail_pipe(key, &why, turn);
                }
                self.leftovers.push(writable);
                return id;
            }
        };
        self.start_pump(readable, to, id, turn);
        id
    }

    /// Why a node cannot be sent as a readable stream.
    fn unreadable(&self, node: CapId) -> Option<RpcError> {
        match self.graph.state(node) {
            &State::Readable(key) => match self.pipes.get(key).map(|pipe| pipe.reader) {
                Some(Reader::Nobody) => None,
                _ => Some(super::readable::is_locked()),
            },
            State::Failed(error) => Some(error.clone()),
            _ => Some(RpcError::type_error("not a readable stream")),
        }
    }

    /// Sends all that comes out of a readable end. Takes over both references.
    fn start_pump(&mut self, readable: CapId, to: CapId, import: ImportId, turn: &mut Turn) {
        let &State::Readable(key) = self.graph.state(readable) else { return };
        let pump = self.pumps.insert(Pump {
            readable,
            to,
            import,
            flow: Flow::default(),
            unanswered: 0,
            closing: None,
            failure: None,
            is_over: false,
        });
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        match &pipe.end {
            End::Failed(error) => {
                let error = error.clone();
                self.abort_pump(pump, &error, turn);
            }
            _ => {
                pipe.reader = Reader::Pump(pump);
                self.started_pumps.push_back(key);
            }
        }
    }

    /// Whether a pump can send one more chunk now.
    pub(super) fn has_room(&self, pump: u64) -> bool {
        self.pumps.get(pump).is_some_and(|pump| !pump.is_over && pump.flow.has_room())
    }

    /// Sends what comes next out of a pipe.
    pub(super) fn pump_next(&mut self, key: u64, next: Next, turn: &mut Turn) {
        match next {
            Next::Chunk(chunk) => {
                let sent = self.pump_chunk(key, chunk.arguments, turn);
                self.answer(chunk.answer, sent);
            }
            Next::Closed(answer) => {
                if let Some(pump) = self.pumps.get_mut(key) {
                    pump.closing = Some(answer);
                }
                let mut none = Payload::from_text(String::from("[]"));
                if let Some((id, _)) = self.send_stream(key, "close", &mut none, turn) {
                    self.expect_answer(key, id, Sent::Close, turn);
                }
            }
        }
    }

    /// Sends the arguments of a `write`. Those that may not be sent end the stream: it shall not have
    /// a gap.
    fn pump_chunk(
        &mut self,
        key: u64,
        arguments: Payload<Cap>,
        turn: &mut Turn,
    ) -> Result<(), RpcError> {
        let Err(why) = self.admit_caps(&arguments) else {
            self.send_chunk(key, arguments, turn);
            return Ok(());
        };
        self.release_later(&arguments);
        if let Some(pump) = self.pumps.get(key)
            && let &State::Readable(pipe) = self.graph.state(pump.readable)
        {
            self.fail_pipe(pipe, &why, turn);
        }
        Err(why)
    }

    fn send_chunk(&mut self, key: u64, mut arguments: Payload<Cap>, turn: &mut Turn) {
        let sent = self.send_stream(key, "write", &mut arguments, turn);
        if let (Some((id, bytes)), Some(pump)) = (sent, self.pumps.get_mut(key)) {
            let token = pump.flow.sent(bytes, turn.now_ms);
            self.expect_answer(key, id, Sent::Write(token), turn);
        }
        self.release_later(&arguments);
    }

    /// Tells the peer that no more comes, and why.
    pub(super) fn abort_pump(&mut self, key: u64, why: &RpcError, turn: &mut Turn) {
        let mut reason = Payload::from_text(format!("[{}]", self.copy_error(why)));
        if let Some((id, _)) = self.send_stream(key, "abort", &mut reason, turn) {
            self.expect_answer(key, id, Sent::Abort, turn);
        }
        self.end_pump(key);
    }

    /// Sends a call of a pump's writable whose result releases itself; gives the id of that and
    /// the length of the message. None if the session has ended. Of the arguments the references are
    /// left.
    fn send_stream(
        &mut self,
        key: u64,
        method: &str,
        arguments: &mut Payload<Cap>,
        turn: &mut Turn,
    ) -> Option<(ImportId, usize)> {
        let import = self.pumps.get(key)?.import;
        if self.closed.is_some() {
            return None;
        }
        let pipes = self.open_pipes(arguments, turn);
        let mut promises = Vec::new();
        let out = turn.out.message();
        let (start, mut base64_bytes) = (out.len(), 0);
        out.push_str("[\"stream\",[\"pipeline\",");
        write_i64(out, import.0);
        out.push_str(",[\"");
        out.push_str(method);
        out.push_str("\"],");
        let out = match arguments.take_bytes() {
            Some(bytes) => {
                base64_bytes = base64::encoded_length(bytes.len());
                out.push_str(bytes_list::OPEN);
                let out = turn.out.push_base64(bytes);
                out.push_str(bytes_list::CLOSE);
                out
            }
            None => {
                self.write_payload(out, arguments, &pipes, &mut promises);
                out
            }
        };
        out.push_str("]]");
        let bytes = out.len() - start + base64_bytes;
        self.last_import += 1;
        let id = ImportId(self.last_import);
        self.exported(promises, turn);
        Some((id, bytes))
    }

    /// Waits for the answer to a message.
    fn expect_answer(&mut self, pump: u64, id: ImportId, sent: Sent, turn: &mut Turn) {
        if self.is_input_ended {
            return self.do_without_answer(pump, sent, turn);
        }
        let node = self.add_import(id, true);
        if let Some(entry) = self.imports.get_mut(id.0) {
            // It is released by the answer.
            entry.refs = 0;
        }
        if let Some(State::Import(import)) = self.graph.state_mut(node) {
            import.is_pulled = true;
            import.waiters.is_wanted = true;
        }
        if let Some(pump) = self.pumps.get_mut(pump) {
            pump.unanswered += 1;
        }
        // The waiter has the reference.
        self.wait(node, Action::Answer { pump, sent, node });
    }

    /// A message was sent that the peer reads and cannot answer any more.
    fn do_without_answer(&mut self, key: u64, sent: Sent, turn: &mut Turn) {
        match sent {
            Sent::Close => self.pump_is_closed(key, None),
            Sent::Abort => {}
            Sent::Write(token) => {
                let limit = self.limits.max_unread_bytes;
                self.unanswered_bytes = self.unanswered_bytes.saturating_add(token.bytes());
                let Some(pump) = self.pumps.get_mut(key) else { return };
                pump.flow.failed(token);
                if self.unanswered_bytes > limit
                    && let &State::Readable(pipe) = self.graph.state(pump.readable)
                {
                    let what = " bytes of streams in an HTTP batch";
                    let why = refusal::range_error("more than ", &limit, what);
                    self.fail_pipe(pipe, &why, turn);
                }
            }
        }
    }

    /// The peer has answered a message of a pump.
    pub(super) fn pump_is_answered(&mut self, key: u64, sent: Sent, node: CapId, turn: &mut Turn) {
        let failure = match self.graph.state(node) {
            State::Failed(error) => Some(error.clone()),
            _ => None,
        };
        self.leftovers.push(node);
        let Some(pump) = self.pumps.get_mut(key) else { return };
        pump.unanswered = pump.unanswered.saturating_sub(1);
        match (sent, failure) {
            (Sent::Write(token), None) => pump.flow.acknowledged(token, turn.now_ms),
            (Sent::Write(token), Some(error)) => {
                pump.flow.failed(token);
                self.pump_fails(key, error, turn);
            }
            (Sent::Close, failure) => self.pump_is_closed(key, failure),
            (Sent::Abort, _) => {}
        }
        self.advance_pump(key, turn);
        self.remove_pump(key);
    }

    fn advance_pump(&mut self, key: u64, turn: &mut Turn) {
        let Some(pump) = self.pumps.get(key).filter(|pump| !pump.is_over) else { return };
        if let &State::Readable(pipe) = self.graph.state(pump.readable) {
            self.advance_pipe(pipe, turn);
        }
    }

    /// A write was refused: those who write get the error, `close` too.
    fn pump_fails(&mut self, key: u64, error: RpcError, turn: &mut Turn) {
        let Some(pump) = self.pumps.get_mut(key).filter(|pump| !pump.is_over) else { return };
        if pump.closing.is_some() {
            pump.failure.get_or_insert(error);
            return;
        }
        let readable = pump.readable;
        self.end_pump(key);
        if let &State::Readable(pipe) = self.graph.state(readable) {
            if let Some(pipe) = self.pipes.get_mut(pipe) {
                pipe.reader = Reader::Nobody;
            }
            self.fail_pipe(pipe, &error, turn);
        }
    }

    fn pump_is_closed(&mut self, key: u64, failure: Option<RpcError>) {
        let Some(pump) = self.pumps.get_mut(key) else { return };
        let failure = pump.failure.take().or(failure);
        if let Some(answer) = pump.closing.take() {
            self.answer(answer, failure.map_or(Ok(()), Err));
        }
        self.end_pump(key);
    }

    /// Gives the references back. The pump stays until all its messages are answered.
    fn end_pump(&mut self, key: u64) {
        let Some(pump) = self.pumps.get_mut(key) else { return };
        if !std::mem::replace(&mut pump.is_over, true) {
            self.leftovers.extend([pump.readable, pump.to]);
            let import = pump.import.0;
            if self.is_input_ended
                && let Some(entry) = self.imports.get_mut(import)
            {
                // A release before the chunks are read makes some runtimes drop them.
                entry.refs = 0;
            }
        }
        self.remove_pump(key);
    }

    fn remove_pump(&mut self, key: u64) {
        if self.pumps.get(key).is_some_and(|pump| pump.is_over && pump.unanswered == 0) {
            self.pumps.remove(key);
        }
    }

    /// The session has ended: what was to be sent fails.
    pub(super) fn fail_pumps(&mut self, error: &RpcError, turn: &mut Turn) {
        let all: Vec<u64> = self.pumps.iter().map(|(key, _)| key).collect();
        for key in all {
            self.pump_fails(key, error.clone(), turn);
            self.pump_is_closed(key, Some(error.clone()));
        }
    }
}
