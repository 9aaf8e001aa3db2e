use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn name(&self) -> &str;
}

fn main() {}
