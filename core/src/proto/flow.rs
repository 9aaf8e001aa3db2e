//! Flow control of a stream that is sent: how many bytes may be on their way.
//!
//! The window follows the bandwidth-delay product, measured by what is acknowledged between the
//! sending of a chunk and its acknowledgement, as npm `capnweb` 0.12.0 does it (and BBR does it for
//! TCP). It is set a factor higher than measured, so that it grows as long as more bytes on their
//! way bring more throughput.
//!
//! Time is an input, in milliseconds of any monotonic clock. A clock that stands still between
//! events, as in Workers, is fine; one that always stands still leaves the window as it is.

/// Bytes on their way before anything has been measured.
const INITIAL_BYTES: usize = 256 << 10;
const MIN_BYTES: f64 = (64 << 10) as f64;
const MAX_BYTES: f64 = (1 << 30) as f64;
/// The most that the window grows in a round trip, while it looks for the bandwidth.
const STARTUP_GROWTH: f64 = 2.0;
/// The same afterwards.
const STEADY_GROWTH: f64 = 1.25;
/// The most that the window shrinks in a round trip.
const DECAY: f64 = 0.9;
/// Round trips without growth that end the startup.
const STARTUP_ROUNDS: u32 = 3;

/// The window of one stream.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    window: usize,
    in_flight: usize,
    /// Bytes acknowledged so far.
    delivered: f64,
    /// Time of the last acknowledgement, and of the first with what was delivered by then.
    last_ack: Option<f64>,
    first_ack: Option<(f64, f64)>,
    min_round_trip: f64,
    /// None in the steady state.
    startup: Option<Startup>,
}

/// The search for the bandwidth.
#[derive(Clone, Debug, Default)]
struct Startup {
    rounds_without_growth: u32,
    window_of_round: f64,
    round_start: f64,
}

/// What was known when a chunk was sent; comes back with its acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    sent: f64,
    bytes: usize,
    delivered: f64,
    last_ack: Option<f64>,
    window: f64,
    /// The chunk has filled the window.
    is_full: bool,
}

impl Token {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Default for Flow {
    fn default() -> Self {
        Flow {
            window: INITIAL_BYTES,
            in_flight: 0,
            delivered: 0.0,
            last_ack: None,
            first_ack: None,
            min_round_trip: f64::INFINITY,
            startup: Some(Startup::default()),
        }
    }
}

impl Flow {
    /// Whether one more chunk may be sent. It may be larger than the room that is left.
    pub(super) fn has_room(&self) -> bool {
        self.in_flight < self.window
    }

    /// A chunk of so many bytes is sent.
    pub(super) fn sent(&mut self, bytes: usize, now: f64) -> Token {
        self.in_flight = self.in_flight.saturating_add(bytes);
        Token {
            sent: now,
            bytes,
            delivered: self.delivered,
            last_ack: self.last_ack,
            window: self.window as f64,
            is_full: !self.has_room(),
        }
    }

    /// A chunk was refused: nothing is learned from it.
    pub(super) fn failed(&mut self, token: Token) {
        self.in_flight = self.in_flight.saturating_sub(token.bytes);
    }

    /// A chunk was taken.
    pub(super) fn acknowledged(&mut self, token: Token, now: f64) {
        self.in_flight = self.in_flight.saturating_sub(token.bytes);
        self.delivered += token.bytes as f64;
        self.last_ack = Some(now);
        self.min_round_trip = self.min_round_trip.min((now - token.sent).max(0.0));
        let Some(first) = self.first_ack else {
            self.first_ack = Some((now, self.delivered));
            return;
        };
        // From the last acknowledgement before it was sent, or from the first of all.
        let (since, before) = token.last_ack.map_or(first, |time| (time, token.delivered));
        let elapsed = now - since;
        if elapsed > 0.0 {
            let bandwidth = (self.delivered - before) / elapsed;
            self.adapt(bandwidth * self.min_round_trip, token);
        }
        self.end_round(token, now);
    }

    fn adapt(&mut self, product: f64, token: Token) {
        let growth = if self.startup.is_some() { STARTUP_GROWTH } else { STEADY_GROWTH };
        let wanted = (product * growth).min(token.window * growth);
        let floor = match token.is_full {
            true => token.window * DECAY,
            // An application that does not fill the window says nothing about the link.
            false => self.window as f64,
        };
        self.window = wanted.max(floor).clamp(MIN_BYTES, MAX_BYTES) as usize;
    }

    /// Counts round trips, and ends the startup when they no longer bring anything.
    fn end_round(&mut self, token: Token, now: f64) {
        let window = self.window as f64;
        let Some(startup) = &mut self.startup else { return };
        if token.sent < startup.round_start {
            return;
        }
        if window > startup.window_of_round * STEADY_GROWTH {
            startup.rounds_without_growth = 0;
        } else {
            startup.rounds_without_growth += 1;
        }
        startup.window_of_round = window;
        startup.round_start = now;
        if startup.rounds_without_growth >= STARTUP_ROUNDS {
            self.startup = None;
        }
    }
}
