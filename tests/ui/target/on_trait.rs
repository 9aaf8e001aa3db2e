use topsail::rpc_target;

#[rpc_target]
trait Api {
    fn hello(&self);
}

fn main() {}
