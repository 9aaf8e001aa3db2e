use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    #[rpc(skip)]
    fn increment(&self) -> i64;
}

fn main() {}
