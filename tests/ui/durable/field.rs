use topsail::{Durable, rpc_target};

struct Socket;

#[derive(Durable)]
#[durable(kind = "member")]
struct Member {
    socket: Socket,
}

#[rpc_target]
impl Member {}

fn main() {}
