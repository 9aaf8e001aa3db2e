use topsail::rpc_target;
use std::borrow::Cow;

struct Api;

#[rpc_target]
impl Api {
    pub async fn count(&self, names: Vec<&str>, name: Option<Cow<'_, str>>) -> usize {
        names.len() + name.iter().len()
    }
}

fn main() {}
