use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(skip, name = "hi")]
    pub fn hello(&self) {}
}

fn main() {}
