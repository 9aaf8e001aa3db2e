use topsail::rpc_target;

struct Api;

#[rpc_target(rename = "camelCase")]
impl Api {
    pub fn hello(&self) {}
}

fn main() {}
