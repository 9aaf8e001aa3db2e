use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn greet(&self, #[serde(default)] name: String) -> String {
        name
    }
}

fn main() {}
