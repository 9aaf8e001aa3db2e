use crate::json::{View, write_str, write_u64};

/// A property path in wire form, `["a",0,"b"]`: which property of a target or of a promise's
/// result is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(String);

impl Default for Path {
    fn default() -> Self {
        Path::new()
    }
}

impl Path {
    /// The empty path: the thing itself.
    pub fn new() -> Self {
        Path(String::from("[]"))
    }

    /// The path of one property.
    pub fn of(name: &str) -> Self {
        let mut path = Path::new();
        path.push(name);
        path
    }

    /// Descends into a property.
    pub fn push(&mut self, name: &str) {
        self.open();
        write_str(&mut self.0, name);
        self.0.push(']');
    }

    /// Descends into an element of an array.
    pub fn push_index(&mut self, index: u64) {
        self.open();
        write_u64(&mut self.0, index);
        self.0.push(']');
    }

    /// Whether it is the empty path.
    pub fn is_empty(&self) -> bool {
        self.0 == "[]"
    }

    /// The wire form.
    pub fn as_text(&self) -> &str {
        &self.0
    }

    /// The rest of a path, from a part on.
    pub(super) fn from_parts<'a>(parts: impl Iterator<Item = View<'a>>) -> Self {
        let mut path = Path::new();
        for part in parts {
            path.open();
            path.0.push_str(part.raw());
            path.0.push(']');
        }
        path
    }

    fn open(&mut self) {
        self.0.pop();
        if self.0.len() > 1 {
            self.0.push(',');
        }
    }
}
