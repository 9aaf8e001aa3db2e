use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn greet(&self, #[rpc(optional)] name: String) -> String {
        name
    }
}

fn main() {}
