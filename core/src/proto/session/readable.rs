//! What is done with the readable end of a pipe.

use super::Session;
use crate::proto::graph::State;
use crate::proto::ids::{CapId, PullId};
use crate::proto::pipe::{End, Next, Reader};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError};

impl Session {
    /// Asks for the next chunk of a readable end. It comes as one of the turn's results, perhaps
    /// at once: a payload that is a plain list whose first element is the chunk, or the
    /// [empty](Payload::empty) payload at the end of the stream.
    pub fn read(&mut self, on: CapId, pull: PullId, turn: &mut Turn) {
        self.read_for(on, pull, Reader::Caller(pull), turn);
    }

    /// As [`read`](Self::read), for who can refuse a chunk that was read: the `write` resolves when the
    /// next chunk is asked for, and rejects if the readable end is given up instead.
    pub fn consume(&mut self, on: CapId, pull: PullId, turn: &mut Turn) {
        self.read_for(on, pull, Reader::Consumer(pull), turn);
    }

    fn read_for(&mut self, on: CapId, pull: PullId, reader: Reader, turn: &mut Turn) {
        let node = self.graph.find(on);
        let error = match self.graph.state(node) {
            &State::Readable(key) => match self.pipes.get_mut(key) {
                Some(pipe) if pipe.reader == Reader::Nobody => {
                    pipe.reader = reader;
                    self.is_consumed(key, Ok(()));
                    self.advance_pipe(key, turn);
                    return self.run_woken(turn);
                }
                _ => is_locked(),
            },
            State::Failed(error) => error.clone(),
            _ => RpcError::type_error("not a readable stream"),
        };
        turn.results.push_back((pull, Err(error)));
    }

    /// Gives a readable end up for a reason: those who write get it. Takes over the reference.
    pub fn cancel(&mut self, on: CapId, why: RpcError, turn: &mut Turn) {
        let node = self.graph.find(on);
        if let &State::Readable(key) = self.graph.state(node) {
            self.cancel_pipe(key, why, turn);
        }
        self.release(on, turn);
    }

    /// Hands on what is there to who reads.
    pub(super) fn advance_pipe(&mut self, key: u64, turn: &mut Turn) {
        loop {
            let Some(pipe) = self.pipes.get_mut(key) else { return };
            match pipe.reader {
                Reader::Nobody => return,
                Reader::Caller(pull) | Reader::Consumer(pull) => {
                    return self.hand_over(key, pull, turn);
                }
                Reader::Pump(pump) => {
                    if !self.has_room(pump) {
                        return;
                    }
                    let Some(next) = self.next_of(key) else { return };
                    self.pump_next(pump, next, turn);
                }
            }
        }
    }

    fn next_of(&mut self, key: u64) -> Option<Next> {
        let next = self.pipes.get_mut(key)?.next()?;
        if let Next::Chunk(chunk) = &next {
            self.unread_bytes = self.unread_bytes.saturating_sub(chunk.bytes());
        }
        Some(next)
    }

    /// Gives the caller what it waits for.
    fn hand_over(&mut self, key: u64, pull: PullId, turn: &mut Turn) {
        let failure = match self.pipes.get(key).map(|pipe| &pipe.end) {
            Some(End::Failed(error)) => Some(error.clone()),
            _ => None,
        };
        let next = self.next_of(key);
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        let is_over = matches!(pipe.end, End::Closed(_));
        if next.is_none() && failure.is_none() && !is_over {
            return;
        }
        let reader = std::mem::replace(&mut pipe.reader, Reader::Nobody);
        match (next, failure) {
            (Some(Next::Chunk(chunk)), _) => {
                match reader {
                    Reader::Consumer(_) => pipe.consumed = Some(chunk.answer),
                    _ => self.answer(chunk.answer, Ok(())),
                }
                self.deliver_result(chunk.arguments, pull, turn);
            }
            (Some(Next::Closed(answer)), _) => {
                pipe.end = End::Closed(Some(answer));
                turn.results.push_back((pull, Ok(Payload::empty())));
            }
            (None, Some(error)) => turn.results.push_back((pull, Err(error))),
            (None, None) => turn.results.push_back((pull, Ok(Payload::empty()))),
        }
    }

    /// Answers the write whose chunk a consumer was given, if there is one.
    pub(super) fn is_consumed(&mut self, key: u64, result: Result<(), RpcError>) {
        if let Some(answer) = self.pipes.get_mut(key).and_then(|pipe| pipe.consumed.take()) {
            self.answer(answer, result);
        }
    }

    /// The reader gives up: those who write get the reason.
    pub(super) fn cancel_pipe(&mut self, key: u64, why: RpcError, turn: &mut Turn) {
        self.is_consumed(key, Err(why.clone()));
        let Some(pipe) = self.pipes.get_mut(key) else { return };
        if let End::Closed(answer) = &mut pipe.end
            && let Some(answer) = answer.take()
        {
            return self.answer(answer, Err(why));
        }
        self.fail_pipe(key, &why, turn);
    }
}

#[cold]
pub(super) fn is_locked() -> RpcError {
    RpcError::type_error("the stream is being read already")
}
