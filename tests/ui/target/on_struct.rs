use topsail::rpc_target;

#[rpc_target]
struct Api;

fn main() {}
