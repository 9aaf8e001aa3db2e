use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn hello(&self, name: &'static str) -> usize {
        name.len()
    }
}

fn main() {}
