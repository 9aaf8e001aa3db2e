use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn log(&self, #[rpc(rest)] values: i64) -> i64 {
        values
    }
}

fn main() {}
