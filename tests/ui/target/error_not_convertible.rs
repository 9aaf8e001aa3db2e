use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn user(&self) -> Result<u32, String> {
        Err(String::from("none"))
    }
}

fn main() {}
