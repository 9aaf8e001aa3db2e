use topsail::rpc_target;

struct Api<'a> {
    name: &'a str,
}

#[rpc_target]
impl<'a> Api<'a> {
    pub fn name(&self) -> String {
        self.name.to_owned()
    }
}

fn main() {}
