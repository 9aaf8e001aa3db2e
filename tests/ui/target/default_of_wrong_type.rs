use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn increment(&self, #[rpc(default = 1.5)] amount: i64) -> i64 {
        amount
    }
}

fn main() {}
