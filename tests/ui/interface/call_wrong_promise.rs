use topsail::{RpcPromise, RpcStub, rpc_interface};

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: u32) -> i64;
}

fn use_it(counter: RpcStub<dyn Counter>, name: RpcPromise<String>) {
    let _ = counter.increment(name);
}

fn main() {}
