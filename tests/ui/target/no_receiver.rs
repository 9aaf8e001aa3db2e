use topsail::rpc_target;

pub struct Api;

#[rpc_target]
impl Api {
    #[rpc(name = "make")]
    pub fn new() -> Self {
        Api
    }
}

fn main() {}
