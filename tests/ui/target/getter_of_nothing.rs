use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(get)]
    pub fn value(&self) {}
}

fn main() {}
