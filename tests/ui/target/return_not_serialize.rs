use topsail::rpc_target;

pub struct User;

struct Api;

#[rpc_target]
impl Api {
    pub fn user(&self) -> User {
        User
    }
}

fn main() {}
