use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn log(&self, #[rpc(rest, default)] values: Vec<i64>) -> usize {
        values.len()
    }
}

fn main() {}
