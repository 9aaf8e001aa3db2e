use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn hello<T: ToString>(&self, name: T) -> String {
        name.to_string()
    }
}

fn main() {}
