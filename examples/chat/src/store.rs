use serde::{Deserialize, Serialize};
use topsail::{ObjectContext, RpcError, SubscriberId};
use worker::SqlStorage;

/// The room's storage.
pub(crate) struct Store {
    sql: SqlStorage,
}

/// What somebody has said.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    id: u32,
    name: String,
    text: String,
    /// Milliseconds since 1970.
    at: f64,
}

/// Somebody who has come, and the page that listens for them.
pub(crate) struct Guest {
    pub(crate) name: String,
    pub(crate) page: SubscriberId,
}

#[derive(Deserialize)]
struct GuestRow {
    name: String,
    page: String,
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, name TEXT, text TEXT, at REAL);
    CREATE TABLE IF NOT EXISTS members (page TEXT PRIMARY KEY, name TEXT)";

const LAST_MESSAGES: &str = "
    SELECT * FROM (SELECT id, name, text, at FROM messages ORDER BY id DESC LIMIT 200)
    ORDER BY id";

type Stored<T> = Result<T, RpcError>;

impl Store {
    pub(crate) fn new(context: &ObjectContext) -> Self {
        let sql = context.state().storage().sql();
        // Fails only where the class is none with SQL, and then so does every use.
        let _ = sql.exec(TABLES, None);
        Store { sql }
    }

    pub(crate) fn add(&self, name: &str, text: &str) -> Stored<Message> {
        let at = worker::Date::now().as_millis() as f64;
        let values = vec![name.into(), text.into(), at.into()];
        let insert = "INSERT INTO messages (name, text, at) VALUES (?, ?, ?) RETURNING *";
        Ok(self.sql.exec(insert, values)?.one()?)
    }

    pub(crate) fn messages(&self) -> Stored<Vec<Message>> {
        Ok(self.sql.exec(LAST_MESSAGES, None)?.to_array()?)
    }

    pub(crate) fn add_member(&self, name: &str, page: SubscriberId) -> Stored<()> {
        let insert = "INSERT INTO members (page, name) VALUES (?, ?)";
        self.sql.exec(insert, vec![page.to_string().into(), name.into()])?;
        Ok(())
    }

    pub(crate) fn remove_member(&self, page: SubscriberId) -> Stored<()> {
        self.sql.exec("DELETE FROM members WHERE page = ?", vec![page.to_string().into()])?;
        Ok(())
    }

    pub(crate) fn members(&self) -> Stored<Vec<Guest>> {
        let rows = self.sql.exec("SELECT name, page FROM members ORDER BY rowid", None)?;
        let rows: Vec<GuestRow> = rows.to_array()?;
        let guest = |row: GuestRow| Some(Guest { name: row.name, page: row.page.parse().ok()? });
        Ok(rows.into_iter().filter_map(guest).collect())
    }
}
