use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn to_string(&self) -> String {
        String::new()
    }
}

fn main() {}
