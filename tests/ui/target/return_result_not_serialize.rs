use topsail::{RpcError, rpc_target};

pub struct User;

struct Api;

#[rpc_target]
impl Api {
    pub async fn user(&self) -> Result<User, RpcError> {
        Ok(User)
    }
}

fn main() {}
