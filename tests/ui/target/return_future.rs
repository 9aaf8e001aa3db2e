use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn user(&self) -> impl Future<Output = u32> + use<> {
        async { 1 }
    }
}

fn main() {}
