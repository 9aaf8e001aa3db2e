use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn increment(&self) -> i64 {
        1
    }
}

fn main() {}
