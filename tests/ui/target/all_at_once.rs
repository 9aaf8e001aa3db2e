use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn count(&mut self) {}

    pub async fn hello(&self, name: &str, text: &mut String) -> usize {
        name.len() + text.len()
    }

    #[rpc(getter)]
    pub fn value(&self, index: impl Into<u32>) -> u32 {
        index.into()
    }

    pub fn catch(&self) {}
}

fn main() {
    // The mistakes above cause no others here.
    let _: Box<dyn topsail::RpcTarget> = Box::new(Api);
}
