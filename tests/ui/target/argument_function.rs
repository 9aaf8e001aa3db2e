use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn listen(&self, _listener: impl Fn(u32) + 'static) {}
}

fn main() {}
