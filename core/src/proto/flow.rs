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
/// How far the window is above the measured product. It is taken of the shortest round trip, so that
/// with less (npm `capnweb` has 1.25) acknowledgements that come late by half of that would leave the
/// link idle, and then what is measured shrinks with the window.
const HEADROOM: f64 = 2.0;
/// The most that the window grows in a round trip, while it looks for the bandwidth.
const STARTUP_GROWTH: f64 = 2.0;
/// The same afterwards.
const STEADY_GROWTH: f64 = 1.25;
/// The most that the window shrinks in a round trip.
const DECAY: f64 = 0.9;
/// A full window opens again once a share of it is free. Otherwise every acknowledgement of a small chunk
/// would let one such chunk go, and a host pays more for one message by itself than for one of many. What
/// is left on its way is above the measured product all the same.
const REOPENED_SHARE: usize = 4;
/// Round trips without growth that end the startup.
const STARTUP_ROUNDS: u32 = 3;

/// The window of one stream.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    window: usize,
    in_flight: usize,
    /// The window was full, and too little has been acknowledged since.
    is_shut: bool,
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
    /// With it the window was full, or nearly.
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
            is_shut: false,
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
        !self.is_shut
    }

    /// A chunk of so many bytes is sent.
    pub(super) fn sent(&mut self, bytes: usize, now: f64) -> Token {
        self.in_flight = self.in_flight.saturating_add(bytes);
        self.shut_or_open();
        Token {
            sent: now,
            bytes,
            delivered: self.delivered,
            last_ack: self.last_ack,
            window: self.window as f64,
            is_full: self.in_flight > self.reopened_at(),
        }
    }

    /// A chunk was refused: nothing is learned from it.
    pub(super) fn failed(&mut self, token: Token) {
        self.in_flight = self.in_flight.saturating_sub(token.bytes);
        self.shut_or_open();
    }

    /// A chunk was taken.
    pub(super) fn acknowledged(&mut self, token: Token, now: f64) {
        self.in_flight = self.in_flight.saturating_sub(token.bytes);
        self.measure(token, now);
        self.shut_or_open();
    }

    fn shut_or_open(&mut self) {
        if self.in_flight >= self.window {
            self.is_shut = true;
        } else if self.in_flight <= self.reopened_at() {
            self.is_shut = false;
        }
    }

    fn reopened_at(&self) -> usize {
        self.window - self.window / REOPENED_SHARE
    }

    fn measure(&mut self, token: Token, now: f64) {
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
        let wanted = (product * HEADROOM).min(token.window * growth);
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const CHUNK: usize = 16 << 10;

    /// A link and the reader behind it. Times are milliseconds.
    struct Link {
        bytes_per_ms: f64,
        /// From one end to the other, and the same back.
        delay: f64,
        /// The most that a chunk is late beyond that.
        jitter: f64,
        /// From when to when nothing moves.
        stall: (f64, f64),
    }

    struct Run {
        /// Bytes acknowledged in the second half of the time, for each millisecond.
        throughput: f64,
        most_in_flight: usize,
    }

    impl Link {
        fn new(bytes_per_ms: f64, delay: f64) -> Self {
            Link { bytes_per_ms, delay, jitter: 0.0, stall: (0.0, 0.0) }
        }

        /// Sends as much as the window lets it, for some time.
        fn run(&self, duration: f64) -> Run {
            let (mut flow, mut now, mut free) = (Flow::default(), 0.0, 0.0_f64);
            let (mut on_their_way, mut random) = (VecDeque::new(), 1_u64);
            let (mut counted, mut most_in_flight) = (0.0, 0);
            while now < duration {
                while flow.has_room() {
                    free = self.unstalled(free.max(now)) + CHUNK as f64 / self.bytes_per_ms;
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let late = (random >> 40) as f64 / (1_u64 << 24) as f64 * self.jitter;
                    on_their_way.push_back((free + 2.0 * self.delay + late, flow.sent(CHUNK, now)));
                }
                most_in_flight = most_in_flight.max(flow.in_flight);
                let Some((at, token)) = on_their_way.pop_front() else { break };
                // Acknowledgements come in order.
                now = at.max(now);
                flow.acknowledged(token, now);
                counted += if now > duration / 2.0 { CHUNK as f64 } else { 0.0 };
            }
            Run { throughput: counted / (duration / 2.0), most_in_flight }
        }

        fn unstalled(&self, at: f64) -> f64 {
            if at >= self.stall.0 && at < self.stall.1 { self.stall.1 } else { at }
        }
    }

    #[test]
    fn the_window_finds_the_bandwidth() {
        let rows = [
            ("in one machine", Link::new(500_000.0, 0.1), 2_000.0),
            ("fast", Link::new(100_000.0, 1.0), 5_000.0),
            ("common", Link::new(2_000.0, 20.0), 10_000.0),
            ("slow", Link::new(100.0, 50.0), 60_000.0),
            ("long and fat", Link::new(12_500.0, 100.0), 30_000.0),
            ("jittery", Link { jitter: 30.0, ..Link::new(5_000.0, 25.0) }, 20_000.0),
            ("stalled", Link { stall: (1_000.0, 6_000.0), ..Link::new(2_000.0, 20.0) }, 30_000.0),
        ];
        for (what, link, duration) in rows {
            let run = link.run(duration);
            let share = run.throughput / link.bytes_per_ms;
            assert!(share >= 0.9, "{what}: {share:.2} of the link");
            let round_trip = 2.0 * link.delay + link.jitter + CHUNK as f64 / link.bytes_per_ms;
            let product = link.bytes_per_ms * round_trip;
            let most = (3.0 * product).max(INITIAL_BYTES as f64) as usize + CHUNK;
            assert!(run.most_in_flight <= most, "{what}: {} of {most}", run.most_in_flight);
        }
    }

    /// Small chunks go in bundles, of a share of the window each.
    #[test]
    fn a_full_window_reopens_by_a_share() {
        const SMALL: usize = 50;
        let (mut flow, mut unanswered) = (Flow::default(), VecDeque::new());
        let (mut bundles, mut sent) = (0, 0);
        for _ in 0..100_000 {
            bundles += usize::from(flow.has_room());
            while flow.has_room() {
                unanswered.push_back(flow.sent(SMALL, 0.0));
                sent += 1;
            }
            let Some(token) = unanswered.pop_front() else { break };
            flow.acknowledged(token, 0.0);
            assert!(flow.in_flight >= INITIAL_BYTES - INITIAL_BYTES / REOPENED_SHARE - SMALL);
        }
        let share = INITIAL_BYTES / REOPENED_SHARE / SMALL;
        assert!(sent / bundles >= share, "{sent} chunks in {bundles} bundles");
    }

    /// A link that stops holds up no more than the window.
    #[test]
    fn what_stops_is_not_sent_to() {
        let mut flow = Flow::default();
        while flow.has_room() {
            flow.sent(CHUNK, 0.0);
        }
        assert_eq!(flow.in_flight, INITIAL_BYTES);
    }

    #[test]
    fn growth_and_decay_are_bounded() {
        let mut flow = Flow::default();
        let mut now = 0.0;
        for round in 0..200 {
            let before = flow.window as f64;
            let mut tokens = Vec::new();
            while flow.has_room() {
                tokens.push(flow.sent(CHUNK, now));
            }
            // Fast at first, then a hundred times slower.
            now += if round < 20 { 10.0 } else { 1_000.0 };
            for token in tokens {
                flow.acknowledged(token, now);
            }
            let ratio = flow.window as f64 / before;
            assert!((DECAY - 0.001..=STARTUP_GROWTH).contains(&ratio), "{round}: {ratio}");
        }
        assert!(flow.window as f64 >= MIN_BYTES && flow.startup.is_none());
    }

    #[test]
    fn a_refused_chunk_gives_its_room_back() {
        let mut flow = Flow::default();
        let token = flow.sent(INITIAL_BYTES, 0.0);
        assert!(!flow.has_room());
        flow.failed(token);
        assert!(flow.has_room() && flow.in_flight == 0);
    }

    /// A clock that stands still changes nothing.
    #[test]
    fn no_time() {
        let mut flow = Flow::default();
        for _ in 0..100 {
            let token = flow.sent(INITIAL_BYTES, 5.0);
            flow.acknowledged(token, 5.0);
        }
        assert_eq!(flow.window, INITIAL_BYTES);
    }
}
