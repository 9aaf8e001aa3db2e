use topsail::{Kinds, rpc_target};

struct Member;

#[rpc_target]
impl Member {}

fn kinds(kinds: &mut Kinds) {
    kinds.add::<Member>();
}

fn main() {}
