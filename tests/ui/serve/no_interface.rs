use topsail::rpc_target;

trait Greeter {
    fn hello(&self) -> String;
}

struct Mine;

#[rpc_target]
impl Greeter for Mine {
    fn hello(&self) -> String {
        String::from("hello")
    }
}

fn main() {}
