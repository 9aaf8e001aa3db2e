use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn on_rpc_broken(&self) {}
}

fn main() {}
