use serde::Serialize;

use crate::error::DemoError;

/// A user, as this Worker knows it.
pub(crate) struct User {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    bio: &'static str,
    token: &'static str,
    pub(crate) friends: &'static [&'static str],
}

/// A user, as anyone may see it.
#[derive(Serialize)]
pub(crate) struct UserProfile {
    id: &'static str,
    name: &'static str,
    bio: &'static str,
}

const USERS: [User; 4] = [
    User {
        id: "ada",
        name: "Ada",
        bio: "Writes programs for machines that are not built yet.",
        token: "token-ada",
        friends: &["grace", "katherine", "margaret"],
    },
    User {
        id: "grace",
        name: "Grace",
        bio: "Keeps a nanosecond of wire on her desk.",
        token: "token-grace",
        friends: &["ada"],
    },
    User {
        id: "katherine",
        name: "Katherine",
        bio: "Checks the computer's numbers by hand.",
        token: "token-katherine",
        friends: &["ada", "margaret"],
    },
    User {
        id: "margaret",
        name: "Margaret",
        bio: "Her software expects the unexpected.",
        token: "token-margaret",
        friends: &["katherine"],
    },
];

pub(crate) fn user_of(id: &str) -> Result<&'static User, DemoError> {
    let user = USERS.iter().find(|user| user.id == id);
    user.ok_or_else(|| DemoError::NoSuchUser(id.to_owned()))
}

pub(crate) fn user_with_token(token: &str) -> Result<&'static User, DemoError> {
    USERS.iter().find(|user| user.token == token).ok_or(DemoError::BadToken)
}

impl User {
    pub(crate) fn profile(&self) -> UserProfile {
        UserProfile { id: self.id, name: self.name, bio: self.bio }
    }
}
