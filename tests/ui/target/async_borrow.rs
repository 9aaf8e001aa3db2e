use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub async fn hello(&self, name: &str) -> String {
        name.to_owned()
    }
    pub async fn upload(&self, file: &[u8]) -> usize {
        file.len()
    }
}

fn main() {}
