use topsail::rpc_interface;

#[rpc_interface]
trait Counter {
    fn increment(self: std::rc::Rc<Self>);
}

fn main() {}
