//! What must hold in a snapshot, so that the session made of it keeps its invariants.

use super::snapshot::{Link, MainExport, Node, PeerEntry, Snapshot, Waiting};
use super::{MAX_NUMBER, ThawError};
use crate::Payload;
use crate::order::in_order;
use crate::proto::ids::ExportId;
use crate::proto::limits::Limits;

type Verified = Result<(), ThawError>;

pub(in crate::proto) fn verify(snapshot: &Snapshot, limits: &Limits) -> Verified {
    check_limits(snapshot, limits)?;
    check_nodes(snapshot)?;
    check_exports(snapshot)?;
    check_waiting(snapshot)?;
    let is_node = |&(_, node): &(u32, u32)| node_at(snapshot, node).is_some();
    ensure(snapshot.held.iter().all(is_node), "what is held is no node")
}

fn check_limits(snapshot: &Snapshot, limits: &Limits) -> Verified {
    let results = snapshot.exports.iter().filter(|entry| entry.is_result()).count();
    let mains = usize::from(snapshot.main != MainExport::Released);
    let exports = snapshot.exports.len() - results + mains;
    let is_import = |node: &&Node| matches!(node, Node::Peer(entry) if entry.id.0 < 0);
    let imports = snapshot.nodes.iter().filter(is_import).count();
    let bytes = snapshot.nodes.iter().map(|node| match node {
        Node::Value(value) => value.weight(),
        _ => 0,
    });
    for (count, limit, name) in [
        (results, limits.max_unreleased_results, "max_unreleased_results"),
        (exports, limits.max_live_exports, "max_live_exports"),
        (imports, limits.max_live_imports, "max_live_imports"),
        (bytes.fold(0, usize::saturating_add), limits.max_queued_bytes, "max_queued_bytes"),
    ] {
        if count > limit {
            return Err(ThawError::Limit(name));
        }
    }
    Ok(())
}

fn check_nodes(snapshot: &Snapshot) -> Verified {
    let (mut mains, mut peer_mains, mut imports) = (0, 0, Vec::new());
    for node in &snapshot.nodes {
        match node {
            Node::Main => mains += 1,
            Node::PeerMain => peer_mains += 1,
            Node::Value(value) => check_value(snapshot, value)?,
            Node::Peer(entry) => {
                check_import(snapshot, entry)?;
                imports.push(entry.id.0);
            }
            Node::Target(_) | Node::Failed(_) => {}
        }
    }
    ensure(are_distinct(imports), "an import is there twice")?;
    ensure(mains <= 1 && peer_mains <= 1, "a main object is there twice")
}

/// Stubs must not lead to values that are one stub: then no circle of them is possible.
fn check_value(snapshot: &Snapshot, value: &Payload<Link>) -> Verified {
    let is_promise = |link: &Link| link.is_promise;
    ensure(!value.as_cap().is_some_and(is_promise), "a value is one promise")?;
    for link in value.caps() {
        match node_at(snapshot, link.node) {
            None => return Err(ThawError::Malformed("a capability is no node")),
            Some(Node::Value(inner)) if inner.as_cap().is_some() => {
                ensure(link.is_promise, "a stub of a stub")?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn check_import(snapshot: &Snapshot, entry: &PeerEntry) -> Verified {
    let is_id = entry.id.0 != 0 && entry.id.0 <= snapshot.last_import;
    ensure(is_id, "an import with a wrong id")?;
    ensure((1..=MAX_NUMBER).contains(&entry.refs), "an import with a wrong count")
}

fn check_exports(snapshot: &Snapshot) -> Verified {
    let mut before = ExportId(0);
    for entry in &snapshot.exports {
        let is_next = match entry.is_result() {
            true => entry.id > before && entry.id.0 <= snapshot.last_push,
            false => entry.id < before.min(ExportId(0)) && entry.id.0 >= snapshot.last_export,
        };
        ensure(is_next, "an export with a wrong id")?;
        ensure((1..=MAX_NUMBER).contains(&entry.refs), "an export with a wrong count")?;
        ensure(node_at(snapshot, entry.node).is_some(), "an export is no node")?;
        before = entry.id;
    }
    Ok(())
}

/// To be called when the exports have been checked: they are in order.
fn check_waiting(snapshot: &Snapshot) -> Verified {
    let can_wait = |waiting: &Waiting| {
        let Waiting { id, is_streamed } = *waiting;
        let at = snapshot.exports.binary_search_by_key(&id.place(), |entry| entry.id.place());
        let entry = at.ok().and_then(|at| snapshot.exports.get(at));
        let node = entry.filter(|entry| !entry.is_pulled).map(|entry| entry.node);
        let node = node.and_then(|node| node_at(snapshot, node));
        let is_owed = match node {
            Some(Node::Peer(entry)) => entry.is_pulled,
            // A call that ran when the memory was lost.
            Some(Node::Failed(_)) => true,
            _ => false,
        };
        is_owed && (id.0 > 0 || !is_streamed)
    };
    let ids = snapshot.waiting.iter().map(|waiting| waiting.id.0).collect();
    let holds = snapshot.waiting.iter().all(can_wait) && are_distinct(ids);
    ensure(holds, "an export that cannot wait")
}

fn are_distinct(ids: Vec<i64>) -> bool {
    let mut before = None;
    in_order(ids.into_iter().map(|id| (id as u64, id)))
        .all(|(_, id)| before.replace(id) != Some(id))
}

fn node_at(snapshot: &Snapshot, node: u32) -> Option<&Node> {
    snapshot.nodes.get(node as usize)
}

fn ensure(holds: bool, what: &'static str) -> Verified {
    if holds { Ok(()) } else { Err(ThawError::Malformed(what)) }
}
