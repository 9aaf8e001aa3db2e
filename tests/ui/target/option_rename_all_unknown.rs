use topsail::rpc_target;

struct Api;

#[rpc_target(rename_all = "kebab-case")]
impl Api {
    pub fn hello(&self) {}
}

fn main() {}
