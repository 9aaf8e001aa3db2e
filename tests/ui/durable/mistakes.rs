use topsail::{Durable, rpc_target};

#[derive(Durable)]
struct NoKind;

#[rpc_target]
impl NoKind {}

#[derive(Durable)]
#[durable(kind = "")]
struct EmptyKind;

#[derive(Durable)]
#[durable(kind = "generic")]
struct Generic<T> {
    value: T,
}

#[derive(Durable)]
#[durable(name = "member", kind = "member")]
struct UnknownKey;

#[derive(Durable)]
#[durable(kind = "union")]
union Union {
    a: u32,
}

fn main() {}
