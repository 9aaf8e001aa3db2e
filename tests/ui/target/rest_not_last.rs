use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn log(&self, #[rpc(rest)] values: Vec<i64>, level: u8) -> usize {
        values.len() + usize::from(level)
    }
}

fn main() {}
