//! Comparing frames of a transcript with those of a session, where they may name things otherwise.
//!
//! Topsail differs from npm `capnweb` 0.12.0 on purpose: one target has one export id, however
//! often it is sent; a promise that has its value is replaced by it; and the texts of errors that
//! the package makes are our own where they need not be the same.

use std::collections::HashMap;

use serde_json::Value;

/// Which of our ids stands for which of the reference's.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Stubs and promises of the server.
    exports: HashMap<i64, i64>,
    /// Pushes of the server.
    pushes: HashMap<i64, i64>,
    last_push: (i64, i64),
    /// The reference's pushes that merely read an earlier one.
    aliases: HashMap<i64, i64>,
    /// What the reference's promises resolve to, now or later.
    resolutions: HashMap<i64, Value>,
}

pub(super) fn parse(frame: &str) -> Value {
    serde_json::from_str(frame).unwrap_or_else(|error| panic!("{error}: {frame}"))
}

/// The kind of a message or form, and the id behind it, if there is one.
pub(super) fn head(value: &Value) -> (&str, i64) {
    let kind = value.get(0).and_then(Value::as_str).unwrap_or_default();
    (kind, value.get(1).and_then(Value::as_i64).unwrap_or_default())
}

impl Names {
    /// Names for a transcript whose server sends these frames.
    pub(super) fn new<'a>(frames: impl Iterator<Item = &'a String>) -> Self {
        let mut names = Names::default();
        for frame in frames.map(|frame| parse(frame)) {
            if let ("resolve", id @ ..0) = head(&frame) {
                names.resolutions.insert(id, frame[2].clone());
            }
        }
        names
    }

    /// Notes a push of the reference; true if it only reads an earlier push.
    pub(super) fn is_alias(&mut self, push: &Value) -> bool {
        self.last_push.0 += 1;
        let of = head(&push[1]).1;
        let is_alias = of > 0 && push[1].as_array().is_some_and(|form| form.len() == 3);
        if is_alias {
            self.aliases.insert(self.last_push.0, self.unaliased(of));
        }
        is_alias
    }

    /// Whether two pushes, streams or pipes agree. The reference's has been given to `is_alias`.
    pub(super) fn same_push(&mut self, theirs: &Value, ours: &Value) -> bool {
        self.last_push.1 += 1;
        self.pushes.insert(self.last_push.0, self.last_push.1);
        theirs[0] == ours[0] && self.same(&theirs[1], &ours[1])
    }

    /// Whether two messages agree.
    pub(super) fn same_message(&mut self, theirs: &Value, ours: &Value) -> bool {
        let ((their_kind, their_id), (our_kind, our_id)) = (head(theirs), head(ours));
        if their_kind != our_kind {
            return false;
        }
        match their_kind {
            "push" | "stream" | "pipe" => !self.is_alias(theirs) && self.same_push(theirs, ours),
            "abort" => true,
            "resolve" | "reject" => {
                self.our_export(their_id) == Some(our_id) && self.same(&theirs[2], &ours[2])
            }
            _ => self.our_import(their_id) == Some(our_id) && theirs.get(2) == ours.get(2),
        }
    }

    /// Our id for one of the server's exports; those that the client numbers have one number.
    pub(super) fn our_export(&self, id: i64) -> Option<i64> {
        if id >= 0 { Some(id) } else { self.exports.get(&id).copied() }
    }

    /// Our id for one of the server's imports; none for what only the reference has.
    pub(super) fn our_import(&self, id: i64) -> Option<i64> {
        if id <= 0 || self.aliases.contains_key(&id) {
            return (id <= 0).then_some(id);
        }
        self.pushes.get(&id).copied()
    }

    fn unaliased(&self, id: i64) -> i64 {
        self.aliases.get(&id).copied().unwrap_or(id)
    }

    /// Whether two expressions agree; learns ids from them.
    fn same(&mut self, theirs: &Value, ours: &Value) -> bool {
        match (theirs, ours) {
            (Value::Array(list), _) if self.is_inlined(theirs, ours) => {
                let id = list[1].as_i64().unwrap_or_default();
                self.resolutions.get(&id).cloned().is_some_and(|value| self.same(&value, ours))
            }
            (Value::Array(_), Value::Array(_)) => self.same_array(theirs, ours),
            (Value::Object(mine), Value::Object(other)) => {
                let has = |(key, value): (&String, &Value)| {
                    other.get(key).is_some_and(|other| self.same(value, other))
                };
                mine.len() == other.len() && mine.iter().all(has)
            }
            (Value::Number(mine), Value::Number(other)) => mine.as_f64() == other.as_f64(),
            _ => theirs == ours,
        }
    }

    fn is_inlined(&self, theirs: &Value, ours: &Value) -> bool {
        head(theirs).0 == "promise" && head(ours).0 != "promise"
    }

    fn same_array(&mut self, theirs: &Value, ours: &Value) -> bool {
        let (Value::Array(mine), Value::Array(other)) = (theirs, ours) else { return false };
        if head(theirs).0 == "error" && is_text_of_runtime(&mine[2]) {
            return head(ours).0 == "error";
        }
        if mine.len() != other.len() {
            return false;
        }
        match (head(theirs), head(ours)) {
            (("export" | "promise" | "writable", their_id), (kind, our_id)) if mine[0] == kind => {
                *self.exports.entry(their_id).or_insert(our_id) == our_id
            }
            (("pipeline" | "import", their_id @ 1..), (kind, our_id)) if mine[0] == kind => {
                let push = self.unaliased(their_id);
                self.our_import(push) == Some(our_id)
                    && (2..mine.len()).all(|index| self.same(&mine[index], &other[index]))
            }
            (("readable", their_id), ("readable", our_id)) => {
                self.our_import(their_id) == Some(our_id)
            }
            (("error", _), _) => {
                own_text(&mine[2]) == own_text(&other[2])
                    && [1, 3, 4].iter().all(|&at| match (mine.get(at), other.get(at)) {
                        (Some(mine), Some(other)) => self.same(mine, other),
                        (mine, other) => mine == other,
                    })
            }
            _ => mine.iter().zip(other).all(|(mine, other)| self.same(mine, other)),
        }
    }

    /// A frame of the client with our ids in it; none if there is nothing of ours that it is
    /// about: the release of a promise that was replaced by its value.
    pub(super) fn translate(&self, text: &str) -> Option<String> {
        let Ok(frame) = serde_json::from_str::<Value>(text) else { return Some(text.to_owned()) };
        let mut ours = frame.clone();
        let number = |id: Option<i64>| id.map(Value::from);
        match head(&frame) {
            ("release" | "pull", id @ ..0) => ours[1] = number(self.our_export(id))?,
            ("resolve" | "reject", id @ 1..) => {
                ours[1] = number(self.our_import(self.unaliased(id)))?;
                self.rename(&mut ours[2]);
            }
            ("resolve" | "reject" | "push" | "stream", _) => {
                for part in ours.as_array_mut().into_iter().flatten() {
                    self.rename(part);
                }
            }
            _ => {}
        }
        Some(if ours == frame { text.to_owned() } else { ours.to_string() })
    }

    fn rename(&self, expression: &mut Value) {
        let (kind, id) = head(expression);
        let is_ours = matches!(kind, "import" | "pipeline" | "remap") && id < 0;
        let is_map = kind == "remap";
        if is_ours && let Some(our_id) = self.our_export(id) {
            expression[1] = our_id.into();
        }
        match expression {
            // The ids in a map's instructions are its variables.
            Value::Array(parts) if is_map => {
                parts[..4].iter_mut().for_each(|part| self.rename(part))
            }
            Value::Array(parts) => parts.iter_mut().for_each(|part| self.rename(part)),
            Value::Object(members) => {
                members.values_mut().for_each(|value| self.rename(value));
            }
            _ => {}
        }
    }
}

/// What JavaScript says about a stream, which the package passes on, and what the package says of one
/// that nobody has read.
fn is_text_of_runtime(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    text.starts_with("Invalid state: ") || text.starts_with("ReadableStream RPC stub was disposed")
}

/// The package names the whole path of what is not a function; we name what of it is left behind
/// a property of a target.
fn own_text(text: &Value) -> &str {
    let text = text.as_str().unwrap_or_default();
    let path = text.strip_prefix('\'').filter(|text| text.ends_with("' is not a function."));
    path.map_or(text, |path| path.rsplit('.').nth(1).unwrap_or(path))
}
