use topsail::Durable;

#[derive(Durable)]
#[durable(kind = "member")]
struct Member;

fn main() {}
