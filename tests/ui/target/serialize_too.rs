use topsail::rpc_target;

#[derive(serde::Serialize)]
struct Api;

#[rpc_target]
impl Api {
    pub fn hello(&self) {}
}

fn main() {}
