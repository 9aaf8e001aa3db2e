use topsail::rpc_interface;

#[rpc_interface]
trait Nothing {}

fn main() {}
