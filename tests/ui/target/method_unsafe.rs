use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub unsafe fn hello(&self) {}
}

fn main() {}
