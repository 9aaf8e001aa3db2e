use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn say(&self, text: impl ToString);
}

fn main() {}
