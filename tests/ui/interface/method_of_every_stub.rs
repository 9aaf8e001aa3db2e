use topsail::rpc_interface;

#[rpc_interface]
trait Store {
    fn get(&self, key: String) -> String;
}

fn main() {}
