use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn say(&self, (text, times): (String, u32));
}

fn main() {}
