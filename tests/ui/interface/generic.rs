use topsail::rpc_interface;

#[rpc_interface]
trait Cell<T> {
    fn put(&self, value: T);
}

fn main() {}
