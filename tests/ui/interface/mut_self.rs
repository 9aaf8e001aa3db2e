use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn increment(&mut self);
}

fn main() {}
