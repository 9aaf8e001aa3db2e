//! What a client knows of a session, and what it may expect of a server: a model of its tables.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::head;
use super::random::Random;

/// A push of the client's.
#[derive(Debug, Default)]
struct Pushed {
    is_pulled: bool,
    is_answered: bool,
}

/// Something of the client's that the server holds.
#[derive(Debug)]
struct Own {
    refs: u64,
    is_promise: bool,
}

/// Something of the server's that the client holds.
#[derive(Debug, Default)]
struct Held {
    refs: u64,
    /// A promise that the server will resolve unasked.
    is_awaited: bool,
}

/// A push of the server's.
#[derive(Debug, Default)]
struct Asked {
    is_pulled: bool,
    is_answered: bool,
}

#[derive(Debug, Default)]
pub(super) struct Client {
    pushed: BTreeMap<i64, Pushed>,
    last_push: i64,
    own: BTreeMap<i64, Own>,
    last_own: i64,
    held: BTreeMap<i64, Held>,
    last_held: i64,
    asked: BTreeMap<i64, Asked>,
    last_asked: i64,
}

impl Client {
    /// The id of what the client pushes next.
    pub(super) fn push(&mut self) -> i64 {
        self.last_push += 1;
        self.pushed.insert(self.last_push, Pushed::default());
        self.last_push
    }

    /// A stub of the client's, an old or a new one.
    pub(super) fn introduce(&mut self, random: &mut Random) -> i64 {
        let old: Vec<i64> =
            self.own.iter().filter(|(_, own)| !own.is_promise).map(|(&id, _)| id).collect();
        match random.pick(&old).filter(|_| random.chance(40)) {
            Some(id) => {
                self.own.entry(id).and_modify(|own| own.refs += 1);
                id
            }
            None => self.introduce_new(false),
        }
    }

    pub(super) fn introduce_promise(&mut self) -> i64 {
        self.introduce_new(true)
    }

    fn introduce_new(&mut self, is_promise: bool) -> i64 {
        self.last_own -= 1;
        self.own.insert(self.last_own, Own { refs: 1, is_promise });
        self.last_own
    }

    /// The id of something of the server's.
    pub(super) fn reachable(&self, random: &mut Random) -> i64 {
        let pushed: Vec<i64> = self.pushed.keys().copied().collect();
        let held: Vec<i64> = self.held.keys().copied().collect();
        let list = if random.chance(70) { &pushed } else { &held };
        random.pick(list).filter(|_| random.chance(85)).unwrap_or(0)
    }

    /// A push to pull.
    pub(super) fn pull(&mut self, random: &mut Random) -> Option<i64> {
        let open = self.pushed.iter().filter(|(_, pushed)| !pushed.is_pulled);
        let id = random.pick(&open.map(|(&id, _)| id).collect::<Vec<_>>())?;
        self.pushed.entry(id).and_modify(|pushed| pushed.is_pulled = true);
        Some(id)
    }

    /// Something to release, and how often.
    pub(super) fn release(&mut self, random: &mut Random) -> Option<(i64, u64)> {
        let ids: Vec<i64> = self.pushed.keys().chain(self.held.keys()).copied().collect();
        let id = random.pick(&ids)?;
        let Some(held) = self.held.get_mut(&id) else {
            self.pushed.remove(&id);
            return Some((id, 1));
        };
        let count = 1 + random.below(held.refs as usize) as u64;
        held.refs -= count;
        if held.refs == 0 {
            self.held.remove(&id);
        }
        Some((id, count))
    }

    /// Everything to release, and how often.
    pub(super) fn release_all(&mut self) -> Vec<(i64, u64)> {
        let pushed = std::mem::take(&mut self.pushed).into_keys().map(|id| (id, 1));
        let held = std::mem::take(&mut self.held).into_iter().map(|(id, held)| (id, held.refs));
        pushed.chain(held).collect()
    }

    /// A promise of the client's or a push of the server's that the client has not answered.
    pub(super) fn answer(&mut self, random: &mut Random) -> Option<i64> {
        let promises = self.own.iter().filter(|(_, own)| own.is_promise).map(|(&id, _)| id);
        let asked = self.asked.iter().filter(|(_, asked)| !asked.is_answered).map(|(&id, _)| id);
        let id = random.pick(&promises.chain(asked).collect::<Vec<_>>())?;
        self.asked.entry(id).and_modify(|asked| asked.is_answered = true);
        Some(id)
    }

    /// What must be true once all pushes were pulled or released and everything has returned.
    pub(super) fn check_answered(&self) {
        for (id, pushed) in &self.pushed {
            assert_eq!(pushed.is_pulled, pushed.is_answered, "push {id}");
        }
        for (id, held) in &self.held {
            assert!(!held.is_awaited, "promise {id} of the server");
        }
    }

    /// What must be true once nothing is in use.
    pub(super) fn check_released(&self) {
        assert!(self.own.is_empty(), "not released by the server: {:?}", self.own);
        assert!(self.asked.is_empty(), "not released by the server: {:?}", self.asked);
    }

    /// The server has sent this: is it allowed to?
    pub(super) fn receive(&mut self, text: &str) {
        let frame: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let (kind, id) = head(&frame);
        match kind {
            "push" => {
                self.last_asked += 1;
                self.look(&frame[1]);
                self.asked.insert(self.last_asked, Asked::default());
            }
            "pull" => {
                let asked = self.asked.get_mut(&id).unwrap_or_else(|| panic!("{text}"));
                assert!(!std::mem::replace(&mut asked.is_pulled, true), "a second pull: {text}");
            }
            "resolve" | "reject" => self.resolved(id, &frame, text),
            "release" => self.released(id, frame[2].as_u64(), text),
            _ => panic!("not expected: {text}"),
        }
    }

    fn resolved(&mut self, id: i64, frame: &Value, text: &str) {
        if let Some(pushed) = self.pushed.get_mut(&id) {
            assert!(pushed.is_pulled, "not asked for: {text}");
            assert!(!std::mem::replace(&mut pushed.is_answered, true), "a second answer: {text}");
        } else {
            let held = self.held.get_mut(&id).unwrap_or_else(|| panic!("not known: {text}"));
            assert!(std::mem::take(&mut held.is_awaited), "a second answer: {text}");
        }
        self.look(&frame[2]);
    }

    /// Of what one message has introduced twice, the server may release the first before it sees
    /// the second.
    fn released(&mut self, id: i64, count: Option<u64>, text: &str) {
        let count = count.filter(|&count| count > 0).unwrap_or_else(|| panic!("{text}"));
        match self.own.get_mut(&id) {
            Some(own) => {
                own.refs = own.refs.checked_sub(count).unwrap_or_else(|| panic!("{text}"));
                self.own.retain(|_, own| own.refs > 0);
            }
            None => assert!(self.asked.remove(&id).is_some() && count == 1, "not known: {text}"),
        }
    }

    /// Looks for references in an expression of the server's.
    fn look(&mut self, value: &Value) {
        match (value, head(value)) {
            (_, ("export" | "promise", id)) => {
                let is_promise = value[0] == "promise";
                assert!(id < 0 && (id >= self.last_held || id == self.last_held - 1), "{value}");
                let is_new = id < self.last_held;
                assert!(is_new || !is_promise, "a promise has an id of its own: {value}");
                self.last_held = self.last_held.min(id);
                let held = self.held.entry(id).or_default();
                assert_eq!(is_new, held.refs == 0, "an id is used again: {value}");
                held.refs += 1;
                held.is_awaited = is_promise;
            }
            (Value::Array(parts), ("import" | "pipeline" | "remap", id)) => {
                let is_known =
                    id == 0 || self.own.contains_key(&id) || self.asked.contains_key(&id);
                assert!(is_known, "refers to what is not there: {value}");
                if head(value).0 != "remap" {
                    parts.iter().skip(3).for_each(|list| self.look_each(list));
                } else {
                    self.look_each(&parts[3]);
                }
            }
            (_, ("error" | "date" | "undefined", _)) => {}
            (Value::Array(parts), _) => {
                assert!(parts.len() == 1 && parts[0].is_array(), "not escaped: {value}");
                self.look_each(&parts[0]);
            }
            (Value::Object(members), _) => {
                for (key, value) in members {
                    assert!(
                        !key.starts_with("toS"),
                        "such a member must not get here: {members:?}"
                    );
                    self.look(value);
                }
            }
            _ => {}
        }
    }

    fn look_each(&mut self, list: &Value) {
        for value in list.as_array().into_iter().flatten() {
            self.look(value);
        }
    }
}
