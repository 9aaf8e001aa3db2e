use topsail::rpc_target;

pub struct Api;

#[rpc_target]
impl Api {
    #[rpc(get)]
    fn value(&self) -> i64 {
        1
    }
}

fn main() {}
