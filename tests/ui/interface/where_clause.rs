use topsail::rpc_interface;

#[rpc_interface]
trait Counter
where
    Self: 'static, {
    fn increment(&self);
}

fn main() {}
