use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(name = "")]
    pub fn make(&self) {}
}

fn main() {}
