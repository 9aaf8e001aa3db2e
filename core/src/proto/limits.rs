/// What a session grants its peer. The first three have the defaults of npm `capnweb` 0.12.0; the
/// others bound what the reference leaves unbounded.
///
/// Limits are a local decision: the protocol does not negotiate them. Others than the defaults are
/// assigned to the fields, since more may come:
///
/// ```
/// let mut limits = topsail_core::Limits::default();
/// limits.max_calls_in_flight = 1_000;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest message, in bytes of UTF-8. A longer one aborts the session before it is
    /// parsed. (The reference counts UTF-16 code units.) Default: 32 MiB.
    pub max_message_bytes: usize,
    /// The deepest nesting of containers in a message's expression; an escaped array counts
    /// once. A deeper one aborts the session: decoding recurses, and the stack is finite.
    /// Default: 256.
    pub max_depth_levels: usize,
    /// The most decimal digits of a bigint, without its sign. A longer one aborts the session:
    /// parsing is superlinear. Default: 16,384.
    pub max_bigint_digits: usize,
    /// The most capabilities and promises of ours that the peer may hold at once. One more
    /// aborts the session: entries are memory that only the peer can release. Default: 1,000,000.
    pub max_live_exports: usize,
    /// The most capabilities and promises of the peer that it may have introduced and we not
    /// released. One more aborts the session. Default: 1,000,000.
    pub max_live_imports: usize,
    /// The most calls that run or wait at once. One more is rejected with a `RangeError`.
    /// Default: 1,000,000.
    pub max_calls_in_flight: usize,
    /// The most bytes that the session may hold at once: of values, of errors that promises were
    /// rejected with or streams ended (each of them counts the whole error), and of what waits for
    /// promises: arguments, names and paths of methods, map functions. A capability counts as 32
    /// bytes beyond its text. A call, a map or a value that would exceed it is rejected with a
    /// `RangeError`; so is a promise, and so ends a stream, instead of with a longer error. So is a pull
    /// behind others of the same batch, when their answers would together be more bytes than this.
    /// Default: 64 MiB.
    pub max_queued_bytes: usize,
    /// The most results of pushes that the peer has not released. One more push aborts the
    /// session: a batch of more calls than this is too long. Default: 1,000,000.
    pub max_unreleased_results: usize,
    /// The most bytes of values that one message, or one result of a call, may have read and
    /// copied: properties of values, results as arguments and inside results, errors that pulls are
    /// answered with, what maps read and write. References multiply: `[x,x]` of `[y,y]` of `[z,z]`.
    /// Capabilities count as in [`max_queued_bytes`](Self::max_queued_bytes); a stream that is sent
    /// counts as 256 bytes and the reason for which it has failed. An operation that would exceed it
    /// is rejected with a `RangeError`, and so is a pull instead of with a longer error.
    /// Default: 64 MiB.
    pub max_copied_bytes_per_message: usize,
    /// The most instructions that the maps of one message may run, all elements and nested maps
    /// together: nested maps multiply. A map that would exceed it is rejected with a
    /// `RangeError`. Default: 10,000,000.
    pub max_map_steps_per_message: usize,
    /// The most streams that may be open at once. One more that the peer opens aborts the session. A
    /// result, call or chunk with more than are left for it is not sent but fails with a `RangeError`, a
    /// chunk with the stream that it was written into. Those count that are sent to the peer, until it
    /// has answered the last message of each; a stream that is sent a second time is one more, which
    /// arrives as one that fails. Default: 10,000.
    pub max_open_pipes: usize,
    /// The most bytes of chunks that were written into the session's streams and nobody has read
    /// yet, each chunk counted with 256 bytes more. A write that would exceed it fails with a
    /// `RangeError`, and its stream with it. The window of a stream lets its writer go to 256 KiB
    /// ahead of the reader, and further where the link is long and fast. Default: 64 MiB.
    pub max_unread_bytes: usize,
    /// The most bytes of all blobs in the arguments of a call, or in a result: they are collected
    /// before it is delivered. More rejects the call with a `RangeError`. Default: 32 MiB.
    pub max_blob_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_message_bytes: 32 << 20,
            max_depth_levels: 256,
            max_bigint_digits: 16_384,
            max_live_exports: 1_000_000,
            max_live_imports: 1_000_000,
            max_calls_in_flight: 1_000_000,
            max_queued_bytes: 64 << 20,
            max_unreleased_results: 1_000_000,
            max_copied_bytes_per_message: 64 << 20,
            max_map_steps_per_message: 10_000_000,
            max_open_pipes: 10_000,
            max_unread_bytes: 64 << 20,
            max_blob_bytes: 32 << 20,
        }
    }
}
