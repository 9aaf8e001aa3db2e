use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn hello(&self) {}
}

#[rpc_target]
impl Api {
    pub fn goodbye(&self) {}
}

fn main() {}
