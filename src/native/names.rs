//! Names of members as strings of JavaScript. Most calls have a name that another had a moment ago;
//! to decode it anew takes as long as to find out what it is for.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

/// A peer chooses the names: they may take so much memory.
const MAX_NAMES: usize = 32;
const MAX_NAME_BYTES: usize = 64;

#[derive(Default)]
struct Names {
    names: Vec<(Box<str>, JsValue)>,
    /// The place of the next one, once all are taken.
    next: usize,
}

thread_local! {
    static NAMES: RefCell<Names> = RefCell::default();
}

/// Runs something with a name as a string of JavaScript.
pub(super) fn with<T>(name: &str, run: impl FnOnce(&JsValue) -> T) -> T {
    if name.len() > MAX_NAME_BYTES {
        return run(&JsValue::from_str(name));
    }
    // Calls may lead to calls, while nothing may be borrowed.
    let known = NAMES.with_borrow_mut(|names| names.find(name));
    run(&known)
}

impl Names {
    fn find(&mut self, name: &str) -> JsValue {
        if let Some((_, known)) = self.names.iter().find(|(known, _)| **known == *name) {
            return known.clone();
        }
        let new = (Box::from(name), JsValue::from_str(name));
        let string = new.1.clone();
        match self.names.get_mut(self.next) {
            Some(place) if self.next < MAX_NAMES => *place = new,
            _ => self.names.push(new),
        }
        self.next = (self.next + 1) % MAX_NAMES;
        string
    }
}
