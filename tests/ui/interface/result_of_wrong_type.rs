use topsail::{RpcError, RpcStub, rpc_interface};

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: u32) -> i64;
}

async fn use_it(counter: RpcStub<dyn Counter>) -> Result<String, RpcError> {
    counter.increment(1).await
}

fn main() {}
