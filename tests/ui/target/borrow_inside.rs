use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn count(&self, names: Vec<&str>) -> usize {
        names.len()
    }
}

fn main() {}
