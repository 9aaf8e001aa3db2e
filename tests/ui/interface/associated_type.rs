use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    type Number;
    fn increment(&self) -> i64;
}

fn main() {}
