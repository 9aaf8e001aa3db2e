use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn increment(&self, #[rpc(default = 1)] amount: i64) -> i64;
}

fn main() {}
