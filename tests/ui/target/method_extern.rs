use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub extern "C" fn hello(&self) {}
}

fn main() {}
