use topsail::{RpcStub, rpc_interface, rpc_target};

#[rpc_interface]
trait Counter {
    fn value(&self) -> i64;
}

#[rpc_interface]
trait Counters {
    fn find(&self, name: &str) -> Option<RpcStub<dyn Counter>>;
}

struct Zero;
struct Api;

#[rpc_target]
impl Counter for Zero {
    fn value(&self) -> i64 {
        0
    }
}

#[rpc_target]
impl Counters for Api {
    fn find(&self, _name: &str) -> Option<Zero> {
        Some(Zero)
    }
}

fn main() {}
