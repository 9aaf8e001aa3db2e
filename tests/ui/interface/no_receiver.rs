use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn new(start: i64) -> i64;
}

fn main() {}
