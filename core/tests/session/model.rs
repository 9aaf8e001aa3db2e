//! Random operations of a client and of an application, against a model of the client's tables.

use std::collections::{BTreeMap, BTreeSet};

use topsail_core::proto::{Cap, CapId, Limits, Path, PullId, TargetId, WatchId};
use topsail_core::{Payload, RpcError};

use super::bare::Bare;
use super::client::Client;
use super::random::{Random, expression, plain, reference};

struct Model {
    bare: Bare,
    client: Client,
    random: Random,
    /// Targets that the session holds; the main object is 0.
    targets: BTreeSet<u64>,
    last_target: u64,
    dropped: BTreeSet<u64>,
    /// References that the application keeps.
    kept: Vec<CapId>,
    promises: Vec<topsail_core::proto::AnswerId>,
    pulls: BTreeMap<u64, bool>,
    /// Values may refer to what is newer than they are, so that circles come about.
    has_circles: bool,
}

/// Everything is let go of: what is left is what a new session has.
#[test]
fn what_is_released_is_gone() {
    for seed in 0..1_500 {
        run(seed, false, |mut model| {
            let start = Bare::new(Limits::default()).session.stats();
            model.let_go();
            model.client.check_released();
            assert_eq!(model.bare.session.stats(), start);
            assert_eq!(model.targets, BTreeSet::from([0]));
            model.end();
        });
    }
}

/// The connection ends in the middle of it.
#[test]
fn what_is_disconnected_is_gone() {
    for seed in 0..1_500 {
        run(seed, true, Model::end);
    }
}

fn run(seed: u64, has_circles: bool, check: impl FnOnce(Model)) {
    let mut model = Model::new(seed, has_circles);
    // Printed if the test fails.
    println!("seed {seed}");
    for _ in 0..50 + model.random.below(300) {
        model.step();
        assert!(model.bare.session.closed().is_none());
    }
    check(model);
}

impl Model {
    fn new(seed: u64, has_circles: bool) -> Self {
        Model {
            bare: Bare::new(Limits::default()),
            client: Client::default(),
            random: Random::new(seed),
            targets: BTreeSet::from([0]),
            last_target: 0,
            dropped: BTreeSet::new(),
            kept: Vec::new(),
            promises: Vec::new(),
            pulls: BTreeMap::new(),
            has_circles,
        }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..6 => {
                let (random, client) = (&mut self.random, &mut self.client);
                let expression = match random.chance(60) {
                    true => reference(random, client, 3),
                    false => expression(random, client, 3, true),
                };
                client.push();
                self.recv(&format!("[\"push\",{expression}]"));
            }
            6..9 => {
                if let Some(id) = self.client.pull(&mut self.random) {
                    self.recv(&format!("[\"pull\",{id}]"));
                }
            }
            9..11 => {
                if let Some((id, count)) = self.client.release(&mut self.random) {
                    self.recv(&format!("[\"release\",{id},{count}]"));
                }
            }
            11..13 => self.answer(),
            13..17 => self.settle(),
            _ => self.application(),
        }
        self.look();
    }

    fn recv(&mut self, frame: &str) {
        for sent in self.bare.recv(frame) {
            self.client.receive(&sent);
        }
    }

    /// The client resolves or rejects one of its promises, or answers a call of the server.
    fn answer(&mut self) {
        let Some(id) = self.client.answer(&mut self.random) else { return };
        if self.random.chance(20) {
            return self.recv(&format!("[\"reject\",{id},[\"error\",\"Error\",\"no\"]]"));
        }
        let (random, client) = (&mut self.random, &mut self.client);
        let expression = expression(random, client, 2, self.has_circles);
        self.recv(&format!("[\"resolve\",{id},{expression}]"));
    }

    /// A call returns.
    fn settle(&mut self) {
        if self.bare.calls.is_empty() {
            return;
        }
        let at = self.random.below(self.bare.calls.len());
        self.bare.calls.swap(0, at);
        if self.random.chance(30) {
            // The application keeps the arguments.
            let caps = self.bare.calls[0].take_caps();
            self.kept.extend(caps.into_iter().map(Cap::id));
        }
        let result = self.result();
        self.bare.settle_with(result).iter().for_each(|frame| self.client.receive(frame));
    }

    fn result(&mut self) -> Result<Payload<Cap>, RpcError> {
        match self.random.below(8) {
            0 => Err(RpcError::range_error("no")),
            1 => Ok(Payload::from_text(plain(&mut self.random))),
            2 => Ok(Payload::from_cap(self.cap())),
            _ => {
                let mut payload = Payload::from_text(String::from(r#"{"a":"#));
                payload.push_cap(self.cap());
                payload.text_mut().push_str(r#","list":[["#);
                payload.push_cap(self.cap());
                payload.text_mut().push_str(",1]]}");
                Ok(payload)
            }
        }
    }

    /// A capability for a result or for arguments.
    fn cap(&mut self) -> Cap {
        let session = &mut self.bare.session;
        match self.random.below(6) {
            0 => Cap::Stub(session.target(TargetId(0))),
            1 => {
                let targets: Vec<u64> = self.targets.iter().copied().collect();
                Cap::Stub(session.target(TargetId(self.random.pick(&targets).unwrap_or(0))))
            }
            2 => {
                let (cap, answer) = session.promise();
                self.promises.push(answer);
                Cap::Promise(cap)
            }
            3 if self.has_circles && !self.kept.is_empty() => {
                let cap = self.kept[self.random.below(self.kept.len())];
                session.retain(cap);
                if self.random.chance(50) { Cap::Stub(cap) } else { Cap::Promise(cap) }
            }
            4 => {
                let main = session.remote_main();
                let path = Path::of("method");
                let arguments = Payload::from_text(String::from("[1]"));
                let promise = session.call(main, &path, arguments, &mut self.bare.turn);
                session.release(main, &mut self.bare.turn);
                Cap::Promise(promise)
            }
            _ => {
                self.last_target += 1;
                self.targets.insert(self.last_target);
                Cap::Stub(session.target(TargetId(self.last_target)))
            }
        }
    }

    /// The application uses or lets go of what it keeps.
    fn application(&mut self) {
        let Some(at) = (0..self.kept.len()).last().map(|last| self.random.below(last + 1)) else {
            return;
        };
        let on = self.kept[at];
        let path = if self.random.chance(50) { Path::new() } else { Path::of("list") };
        match self.random.below(7) {
            0 => {
                let mut arguments = Payload::from_text(String::from("["));
                arguments.push_cap(self.cap());
                arguments.text_mut().push(']');
                let result = self.bare.session.call(on, &path, arguments, &mut self.bare.turn);
                self.kept.push(result);
            }
            1 => self.kept.push(self.bare.session.get(on, &path, &mut self.bare.turn)),
            2 => {
                let capture = self.cap().id();
                let instructions = r#"[["pipeline",-1,["f"],[["pipeline",0]]],["pipeline",1]]"#;
                let session = &mut self.bare.session;
                let turn = &mut self.bare.turn;
                let map = session.map(on, &path, vec![capture], instructions.into(), turn);
                self.kept.push(map);
            }
            3 => {
                let pull = self.pulls.len() as u64;
                self.pulls.insert(pull, false);
                self.bare.session.pull(on, PullId(pull), &mut self.bare.turn);
            }
            4 => self.bare.session.watch(on, WatchId(0), &mut self.bare.turn),
            5 => self.keep_promise(),
            _ => {
                self.kept.swap_remove(at);
                self.bare.session.release(on, &mut self.bare.turn);
            }
        }
    }

    /// One of the application's own promises settles.
    fn keep_promise(&mut self) {
        let Some(answer) = self.promises.pop() else { return };
        let result = Ok(Payload::from_text(plain(&mut self.random)));
        self.bare.session.settle(answer, result, &mut self.bare.turn);
    }

    /// Looks at what came of an input.
    fn look(&mut self) {
        for sent in self.bare.sent() {
            self.client.receive(&sent);
        }
        for (pull, result) in std::mem::take(&mut self.bare.turn.results) {
            let is_done = self.pulls.insert(pull.0, true);
            assert_eq!(is_done, Some(false), "a pull has one result");
            if let Ok(payload) = result {
                assert!(payload.caps().all(|cap| matches!(cap, Cap::Stub(_))));
                self.kept.extend(payload.caps().map(|cap| cap.id()));
            }
        }
        for target in std::mem::take(&mut self.bare.turn.dropped) {
            assert!(!self.bare.session.holds(target), "nothing was made of it since");
            assert!(self.targets.remove(&target.0), "{target:?} is dropped twice");
            assert!(self.dropped.insert(target.0));
        }
        assert!(self.bare.session.stats().bytes < 1 << 20);
    }

    /// Lets everything return, and both sides release all that they hold.
    fn let_go(&mut self) {
        loop {
            let before = (self.bare.calls.len(), self.promises.len(), self.kept.len());
            while !self.bare.calls.is_empty() {
                for sent in self.bare.settle("1") {
                    self.client.receive(&sent);
                }
            }
            while !self.promises.is_empty() {
                self.keep_promise();
            }
            self.look();
            let mut is_answered = false;
            while let Some(id) = self.client.answer(&mut self.random) {
                self.recv(&format!("[\"resolve\",{id},2]"));
                self.look();
                is_answered = true;
            }
            for cap in std::mem::take(&mut self.kept) {
                self.bare.session.release(cap, &mut self.bare.turn);
            }
            self.look();
            if before == (0, 0, 0) && !is_answered {
                break;
            }
        }
        self.client.check_answered();
        assert!(self.pulls.values().all(|&is_done| is_done), "pulls without a result");
        assert_eq!(self.bare.session.stats().calls, 0);
        assert_eq!(self.bare.session.pending_pulls(), 0);
        for (id, count) in self.client.release_all() {
            self.recv(&format!("[\"release\",{id},{count}]"));
        }
        self.look();
    }

    /// The connection is lost; whatever runs returns, and the application lets go.
    fn end(mut self) {
        let gone = RpcError::error("gone");
        self.bare.session.disconnected(gone, &mut self.bare.turn);
        assert!(self.bare.sent().is_empty(), "nobody is there to be told");
        self.look();
        while !self.bare.calls.is_empty() || !self.promises.is_empty() || !self.kept.is_empty() {
            if !self.bare.calls.is_empty() {
                assert!(self.bare.settle("1").is_empty());
            }
            self.keep_promise();
            self.look();
            for cap in std::mem::take(&mut self.kept) {
                self.bare.session.release(cap, &mut self.bare.turn);
            }
            self.look();
        }
        assert!(self.pulls.values().all(|&is_done| is_done), "pulls without a result");
        assert_eq!(self.bare.session.stats(), topsail_core::proto::Stats::default());
        assert_eq!(self.bare.session.pending_pulls(), 0);
        assert!(self.targets.is_empty(), "not dropped: {:?}", self.targets);
    }
}
