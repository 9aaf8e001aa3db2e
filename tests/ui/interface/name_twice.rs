use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn get_value(&self) -> i64;

    #[rpc(name = "getValue")]
    fn value(&self) -> i64;
}

fn main() {}
