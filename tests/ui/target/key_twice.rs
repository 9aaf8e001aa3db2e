use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(name = "one", name = "two")]
    pub fn zero(&self) {}
}

fn main() {}
