use serde::{Deserialize, Deserializer, Serialize};
use topsail::{Bytes, Date, RpcError};

/// A typed argument and result.
#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    id: u32,
    name: String,
    tags: Vec<String>,
    active: bool,
    score: f64,
    joined: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar: Option<Bytes>,
    /// Absent, null or a string: the first two differ.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    nick: Option<Option<String>>,
}

const FIRST_JOINED_MILLIS: f64 = 1_700_000_000_000.0;
const DAY_MILLIS: f64 = 86_400_000.0;

impl User {
    /// The user of a number, always the same.
    pub(crate) fn example(i: u32) -> Self {
        User {
            id: i,
            name: format!("User {i}"),
            tags: vec![format!("team-{}", i % 5), format!("floor-{}", i % 3), "staff".to_owned()],
            active: i.is_multiple_of(2),
            score: f64::from(i) * 1.5,
            joined: Date::from_millis(FIRST_JOINED_MILLIS + f64::from(i) * DAY_MILLIS),
            avatar: None,
            nick: None,
        }
    }

    pub(crate) fn with_next_id(mut self) -> Result<Self, RpcError> {
        let next = self.id.checked_add(1);
        self.id = next.ok_or_else(|| RpcError::range_error("no id is left"))?;
        Ok(self)
    }
}

fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}
