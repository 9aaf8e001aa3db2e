use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn hello(&self, name: impl ToString) -> String {
        name.to_string()
    }
}

fn main() {}
