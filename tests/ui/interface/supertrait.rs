use topsail::rpc_interface;

#[rpc_interface]
trait Counter: Clone {
    fn increment(&self);
}

fn main() {}
