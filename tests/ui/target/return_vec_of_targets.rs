use topsail::rpc_target;

pub struct User;

#[rpc_target]
impl User {}

struct Api;

#[rpc_target]
impl Api {
    pub fn users(&self) -> Vec<User> {
        Vec::new()
    }
}

fn main() {}
