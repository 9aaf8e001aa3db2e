use topsail::RpcStub;

fn main() {
    let _ = RpcStub::new(|number: u32| number + 1);
}
