use serde::Serialize;
use worker::{Error, Result, SqlCursor, SqlStorage, SqlStorageValue, State};

/// What was posted, in the object's storage.
pub(crate) struct Messages {
    sql: SqlStorage,
}

#[derive(Serialize)]
pub(crate) struct Message {
    pub(super) id: u32,
    pub(super) text: String,
}

impl Messages {
    pub(super) fn new(state: State) -> Self {
        Messages { sql: state.storage().sql() }
    }

    pub(super) fn add(&self, text: String) -> Result<Message> {
        self.create()?;
        let insert = "INSERT INTO messages (text) VALUES (?) RETURNING id, text";
        let added = rows(&self.sql.exec(insert, vec![text.into()])?).next();
        added.unwrap_or_else(|| Err(Error::from("no row")))
    }

    pub(super) fn all(&self) -> Result<Vec<Message>> {
        self.create()?;
        rows(&self.sql.exec("SELECT id, text FROM messages ORDER BY id", None)?).collect()
    }

    fn create(&self) -> Result<()> {
        let create =
            "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)";
        self.sql.exec(create, None)?;
        Ok(())
    }
}

/// By position: serde's way brings 25 KB of Wasm that nothing else here needs.
fn rows(cursor: &SqlCursor) -> impl Iterator<Item = Result<Message>> {
    cursor.raw().map(|row| match <[SqlStorageValue; 2]>::try_from(row?) {
        Ok([SqlStorageValue::Integer(id), SqlStorageValue::String(text)]) => {
            Ok(Message { id: id as u32, text })
        }
        _ => Err(Error::from("a row is no message")),
    })
}
