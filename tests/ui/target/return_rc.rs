use std::rc::Rc;

use topsail::rpc_target;

pub struct User;

#[rpc_target]
impl User {}

struct Api;

#[rpc_target]
impl Api {
    pub fn user(&self) -> Rc<User> {
        Rc::new(User)
    }
}

fn main() {}
