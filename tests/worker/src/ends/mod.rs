//! Ends of streams that do what a script says, and note what they see of the other end.

mod place;
mod script;

use std::cell::RefCell;
use std::collections::HashMap;

use topsail::prelude::*;
use topsail::{Value, rpc_pipe};
use wasm_bindgen_futures::spawn_local;

use place::Place;
use script::{Script, read, refusing, write};

thread_local! {
    /// What ends have seen, by their names: it can be asked for in another session.
    static OUTCOMES: RefCell<HashMap<String, String>> = RefCell::default();
}

/// The server's ends.
pub(crate) struct Ends;

#[rpc_target]
impl Ends {
    /// A readable stream, to which the script writes.
    pub fn readable(&self, script: Script, place: Place) -> Result<Value, RpcError> {
        let (writable, readable) = rpc_pipe();
        spawn_local(async move {
            let written = write(writable, &script, place).await;
            note(script.name, written);
        });
        place.put_readable(readable)
    }

    /// A writable stream, from which the script reads.
    pub fn writable(&self, script: Script, place: Place) -> Result<Value, RpcError> {
        if script.refuses() {
            return place.put_writable(refusing(script, note));
        }
        let (writable, readable) = rpc_pipe();
        spawn_local(async move {
            let seen = read(readable, &script).await;
            note(script.name, seen);
        });
        place.put_writable(writable)
    }

    /// Reads from the client's stream.
    pub async fn read(&self, value: Value, script: Script, place: Place) {
        let seen = match place.take(value).await.map(|value| value.as_readable()) {
            Ok(Some(readable)) => read(readable, &script).await,
            Ok(None) => "no readable stream".to_owned(),
            Err(error) => error.to_string(),
        };
        note(script.name, seen);
    }

    /// Writes to the client's stream.
    pub async fn write(&self, value: Value, script: Script, place: Place) {
        let seen = match place.take(value).await.map(|value| value.as_writable()) {
            Ok(Some(writable)) => write(writable, &script, place).await,
            Ok(None) => "no writable stream".to_owned(),
            Err(error) => error.to_string(),
        };
        note(script.name, seen);
    }

    /// What the end of a name has seen, once it has.
    pub fn outcome(&self, name: String) -> Option<String> {
        OUTCOMES.with_borrow(|outcomes| outcomes.get(&name).cloned())
    }
}

fn note(name: String, outcome: String) {
    OUTCOMES.with_borrow_mut(|outcomes| outcomes.insert(name, outcome));
}
