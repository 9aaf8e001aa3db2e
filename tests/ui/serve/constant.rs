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
    const STEP: u32 = 1;

    fn increment(&self, amount: u32) -> i64 {
        i64::from(amount)
    }

    fn value(&self) -> i64 {
        1
    }
}

fn main() {}
