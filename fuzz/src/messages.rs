//! Frames of a hostile peer, to a session with low limits and all that a session has behind it.

use topsail_core::proto::Stats;
use topsail_core::{Limits, RpcError};

use crate::host::{Host, settle_local};

/// Lines that are no frames: calls that wait go on, and the session sleeps.
const OPEN: &[u8] = b"!";
const SLEEP: &[u8] = b"~";

/// One frame a line.
pub fn run(data: &[u8]) {
    let mut host = Host::new(limits());
    for line in data.split(|&byte| byte == b'\n').take(100) {
        match line {
            OPEN => host.gate.open(),
            SLEEP => drop(host.sleep(&[])),
            _ => {
                let Ok(frame) = std::str::from_utf8(line) else { continue };
                host.peer.recv(frame);
            }
        }
        while host.drive() {}
        check(&host);
    }
    end(&mut host);
}

/// What a session is saved as after each of these frames.
pub fn snapshots(frames: &[String]) -> Vec<Vec<u8>> {
    let mut host = Host::new(limits());
    let mut all: Vec<Vec<u8>> = Vec::new();
    for frame in frames {
        host.peer.recv(frame);
        while host.drive() {}
        all.extend(host.freeze(&[]).filter(|bytes| all.last() != Some(bytes)));
    }
    all
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_message_bytes = 1 << 12;
    limits.max_depth_levels = 40;
    limits.max_bigint_digits = 40;
    limits.max_live_exports = 24;
    limits.max_live_imports = 16;
    limits.max_calls_in_flight = 12;
    limits.max_queued_bytes = 1 << 12;
    limits.max_unreleased_results = 24;
    limits.max_copied_bytes_per_message = 1 << 14;
    limits.max_map_steps_per_message = 200;
    limits.max_open_pipes = 4;
    limits.max_unread_bytes = 1 << 12;
    limits.max_blob_bytes = 1 << 10;
    limits
}

/// What must be true after every message.
fn check(host: &Host) {
    while let Some(sent) = host.sent.next() {
        // Half a surrogate pair is JSON, which `serde_json` does not take.
        let whole = sent.replace("\\ud", "\\u0").replace("\\uD", "\\u0");
        let frame: serde_json::Value =
            serde_json::from_str(&whole).unwrap_or_else(|error| panic!("{error}: {sent}"));
        let kind = frame.get(0).and_then(serde_json::Value::as_str).expect("a kind");
        let kinds = ["push", "pull", "resolve", "reject", "release", "abort", "stream", "pipe"];
        assert!(kinds.contains(&kind), "{sent}");
    }
    let (stats, limits) = (host.peer.stats(), limits());
    if host.peer.closed().is_some() {
        assert_eq!((stats.exports, stats.imports), (0, 0));
        return;
    }
    let own = 1;
    assert!(stats.exports <= limits.max_live_exports + limits.max_unreleased_results + own);
    assert!(stats.calls <= limits.max_calls_in_flight, "{stats:?}");
    assert!(stats.pipes <= limits.max_open_pipes, "{stats:?}");
}

/// The connection is lost, and everything that runs goes on to its end.
fn end(host: &mut Host) {
    host.peer.disconnected(RpcError::error("gone"));
    host.gate.open();
    while host.drive() {}
    assert!(host.sent.is_empty(), "nobody is there to be told");
    settle_local();
    while host.drive() {}
    assert_eq!(host.peer.stats(), Stats::default());
}
