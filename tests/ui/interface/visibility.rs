use topsail::rpc_interface;

#[rpc_interface]
pub trait Counter {
    pub fn value(&self) -> i64;
    pub(crate) fn increment(&self, amount: i64) -> i64;
}

fn main() {}
