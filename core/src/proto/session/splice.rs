//! Putting the values of resolved promises in their place.

use super::Session;
use crate::levels::levels;
use crate::proto::graph::{Graph, State};
use crate::proto::ids::{Cap, CapId};
use crate::proto::turn::Turn;
use crate::{Payload, RpcError, refusal};

/// Values within values within values: how deep promises may resolve to values with promises.
const MAX_SPLICE_LEVELS: usize = 32;

/// What to splice: the value of a node, or a payload that is in no node.
#[derive(Clone, Copy, Debug)]
enum Part<'p> {
    Node(CapId),
    Payload(&'p Payload<Cap>),
}

impl Session {
    /// Puts the values of resolved promises in their place. Promises without a value stay.
    pub(super) fn splice(
        &mut self,
        payload: Payload<Cap>,
        turn: &mut Turn,
    ) -> Result<Payload<Cap>, RpcError> {
        if !payload.caps().any(Cap::is_promise) {
            return Ok(payload);
        }
        let whole = self.splice_part(Part::Payload(&payload));
        if let Ok(whole) = &whole {
            self.retain_caps(whole);
        }
        self.release_caps(&payload, turn);
        whole
    }

    /// A copy of a node's value with the promises in it replaced. Its references are not counted.
    pub(super) fn spliced_value(&mut self, node: CapId) -> Result<Payload<Cap>, RpcError> {
        self.splice_part(Part::Node(node))
    }

    fn splice_part(&mut self, part: Part<'_>) -> Result<Payload<Cap>, RpcError> {
        let room = self.room_to_copy().min(self.limits.max_message_bytes);
        let mut whole = Payload::empty();
        let spliced = splice_into(&mut self.graph, &mut whole, part, room, 0);
        self.charge(whole.weight())?;
        spliced?;
        let limit = self.limits.max_depth_levels;
        if levels(whole.text()) >= limit {
            return Err(refusal::range_error("a value is ", &limit, " levels deep"));
        }
        Ok(whole)
    }
}

fn splice_into(
    graph: &mut Graph,
    out: &mut Payload<Cap>,
    part: Part<'_>,
    room: usize,
    level: usize,
) -> Result<(), RpcError> {
    if level > MAX_SPLICE_LEVELS {
        return Err(RpcError::range_error("promises resolve to promises too many levels deep"));
    }
    for number in 0.. {
        let payload = match part {
            Part::Node(node) => graph.value(node),
            Part::Payload(payload) => Some(payload),
        };
        let Some((piece, cap)) = payload.and_then(|payload| payload.piece(number)) else { break };
        if out.weight().saturating_add(piece.len()) > room {
            return Err(RpcError::range_error("promises resolve to values that are too long"));
        }
        out.written().push_str(piece);
        match cap.copied() {
            None => break,
            Some(Cap::Stub(stub)) => out.push_cap(Cap::Stub(graph.find_stub(stub))),
            Some(stream @ (Cap::Writable(_) | Cap::Readable(_))) => out.push_cap(stream),
            Some(Cap::Promise(promise)) => {
                let node = graph.find(promise);
                match graph.state(node) {
                    State::Ready(_) => splice_into(graph, out, Part::Node(node), room, level + 1)?,
                    State::Import(import) if !import.is_promise => out.push_cap(Cap::Stub(node)),
                    State::Target(_) => out.push_cap(Cap::Stub(node)),
                    _ => out.push_cap(Cap::Promise(node)),
                }
            }
        }
    }
    Ok(())
}
