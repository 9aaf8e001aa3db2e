use topsail::rpc_target;

struct Api;

#[rpc_target]
impl Api {
    pub fn get_user(&self) {}

    #[rpc(name = "getUser")]
    pub fn find_user(&self) {}
}

fn main() {}
