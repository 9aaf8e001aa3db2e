//! Who hears the events of which socket, by number. One function of JavaScript passes all of them: a
//! closure for every socket would take more memory than its session does.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::Closure;
use web_sys::WebSocket;

use crate::instance::{self, OnEvent};

/// Takes an event: its kind, and the code, text and bytes that it has.
pub(super) type Listener = dyn Fn(u32, u32, String, Option<Vec<u8>>);

thread_local! {
    static LISTENERS: RefCell<Listeners> = const { RefCell::new(Listeners::new()) };
    static ON_EVENT: Closure<OnEvent> = Closure::wrap_assert_unwind_safe(Box::new(pass));
}

/// A place is empty once its socket is closed.
struct Listeners {
    places: Vec<Option<Rc<Listener>>>,
    free: Vec<usize>,
}

/// Has a socket's events passed to a listener, up to the last, as long as the instance lives. If it
/// panics, the socket is closed. `is_own` says that nobody else has ever had the socket.
pub(super) fn add(socket: &WebSocket, is_own: bool, listener: Rc<Listener>) {
    let number = LISTENERS.with_borrow_mut(|listeners| listeners.insert(listener));
    ON_EVENT.with(|on_event| instance::listen(socket, number as u32, on_event, is_own));
}

fn pass(number: u32, kind: u32, code: u32, text: String, bytes: Option<Vec<u8>>) {
    let number = number as usize;
    let is_last = matches!(kind, super::listen::CLOSE | super::listen::ERROR);
    let listener = LISTENERS.with_borrow_mut(|listeners| match is_last {
        true => listeners.remove(number),
        false => listeners.places.get(number).cloned().flatten(),
    });
    if let Some(listener) = listener {
        instance::run_exported(|| listener(kind, code, text, bytes));
    }
}

impl Listeners {
    const fn new() -> Self {
        Listeners { places: Vec::new(), free: Vec::new() }
    }

    fn insert(&mut self, listener: Rc<Listener>) -> usize {
        if let Some(number) = self.free.pop() {
            self.places[number] = Some(listener);
            return number;
        }
        self.places.push(Some(listener));
        self.places.len() - 1
    }

    fn remove(&mut self, number: usize) -> Option<Rc<Listener>> {
        let listener = self.places.get_mut(number)?.take()?;
        self.free.push(number);
        Some(listener)
    }
}
