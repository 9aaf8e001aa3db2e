use topsail::rpc_target;

pub struct User;

struct Api;

#[rpc_target]
impl Api {
    pub fn add(&self, user: User) {
        drop(user);
    }
}

fn main() {}
