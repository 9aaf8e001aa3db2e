use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(call)]
    pub fn first(&self) {}

    #[rpc(call)]
    pub fn second(&self) {}
}

fn main() {}
