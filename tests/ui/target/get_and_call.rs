use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    #[rpc(get, call)]
    pub fn value(&self) -> i64 {
        1
    }
}

fn main() {}
