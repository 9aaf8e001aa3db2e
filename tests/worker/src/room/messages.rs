use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorage, State};

/// What was posted, in the object's storage.
pub(crate) struct Messages {
    sql: SqlStorage,
}

#[derive(Serialize, Deserialize)]
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
        self.sql.exec(insert, vec![text.into()])?.one()
    }

    pub(super) fn all(&self) -> Result<Vec<Message>> {
        self.create()?;
        self.sql.exec("SELECT id, text FROM messages ORDER BY id", None)?.to_array()
    }

    fn create(&self) -> Result<()> {
        let create =
            "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)";
        self.sql.exec(create, None)?;
        Ok(())
    }
}
