use topsail::rpc_target;

pub struct Failure;

struct Api;

#[rpc_target]
impl Api {
    pub async fn user(&self) -> Result<u32, Failure> {
        Err(Failure)
    }
}

fn main() {}
