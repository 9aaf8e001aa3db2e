use std::rc::{Rc, Weak};

use serde::Serialize;
use topsail_core::proto::Stats;

use super::hub::Hub;

/// What tells the sessions of an object apart: a random number, which the tag of the socket has.
pub(super) type SessionKey = u64;

/// A session of a Durable Object, as its main object knows it.
#[derive(Clone)]
pub struct RpcSession(Place);

#[derive(Clone)]
enum Place {
    Socket(Weak<Hub>, SessionKey),
    /// It ends with the response.
    Batch,
}

/// How much a session holds, and whether it lets its object sleep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionStats {
    /// Objects and results of ours that the client may use, the main object included.
    pub exports: usize,
    /// Objects of the client's that are held here, its main object included.
    pub imports: usize,
    /// Whether the object may sleep, as far as this session goes.
    pub hibernatable: bool,
    /// Why not.
    pub pinned_by: Vec<String>,
}

impl RpcSession {
    pub(super) fn on_socket(hub: &Rc<Hub>, key: SessionKey) -> Self {
        RpcSession(Place::Socket(Rc::downgrade(hub), key))
    }

    pub(super) fn batch() -> Self {
        RpcSession(Place::Batch)
    }

    /// What the session holds now. The call that asks does not count as running.
    ///
    /// An HTTP batch is never saved: it ends with its response.
    pub fn stats(&self) -> SessionStats {
        let Place::Socket(hub, key) = &self.0 else {
            let pinned_by = vec!["an HTTP batch ends with its response".to_owned()];
            return SessionStats { pinned_by, ..SessionStats::default() };
        };
        let live = hub.upgrade().and_then(|hub| hub.live(*key));
        live.map_or_else(SessionStats::default, |live| {
            let Stats { exports, imports, .. } = live.peer().stats();
            let pinned_by = live.pins();
            SessionStats { exports, imports, hibernatable: pinned_by.is_empty(), pinned_by }
        })
    }
}
