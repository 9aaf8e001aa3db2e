use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn fill(&self, text: &mut String) {
        text.clear();
    }
}

fn main() {}
