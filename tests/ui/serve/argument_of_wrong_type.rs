use topsail::{rpc_interface, rpc_target};

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: u32) -> i64;

    #[rpc(get)]
    fn value(&self) -> i64;
}

struct Mine;

#[rpc_target]
impl Counter for Mine {
    fn increment(&self, amount: String) -> i64 {
        amount.len() as i64
    }

    fn value(&self) -> i64 {
        1
    }
}

fn main() {}
