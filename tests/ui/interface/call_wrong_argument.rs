use topsail::{RpcStub, rpc_interface};

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: u32) -> i64;
}

fn use_it(counter: RpcStub<dyn Counter>) {
    let _ = counter.increment("one");
}

fn main() {}
