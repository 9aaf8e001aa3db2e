use topsail::rpc_interface;

struct Counter;

#[rpc_interface]
impl Counter {}

fn main() {}
