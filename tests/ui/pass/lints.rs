//! The output of the macros is as strict as the strictest crate.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, unsafe_code)]
#![deny(missing_debug_implementations, unused, nonstandard_style, future_incompatible)]
#![deny(rust_2018_idioms, single_use_lifetimes, unused_lifetimes, unused_results)]
#![deny(unused_import_braces, trivial_casts, trivial_numeric_casts, let_underscore_drop)]

/// An interface.
#[topsail::rpc_interface]
pub trait Greeter {
    /// Says hello.
    fn hello(&self, name: &str) -> String;
    /// Says hello to all.
    fn hello_all(&self, #[rpc(rest)] names: Vec<String>) -> u32;
    /// The language.
    #[rpc(get)]
    fn language(&self) -> String;
}

/// A target.
#[derive(Debug)]
pub struct Mine;

#[topsail::rpc_target]
impl Greeter for Mine {
    fn hello(&self, name: &str) -> String {
        name.to_owned()
    }

    async fn hello_all(&self, #[rpc(rest)] names: Vec<String>) -> u32 {
        names.len() as u32
    }

    fn language(&self) -> &'static str {
        "en"
    }
}

/// Another.
#[derive(Debug)]
pub struct Plain;

#[topsail::rpc_target]
impl Plain {
    /// Nothing.
    pub fn nothing(&self) {}

    /// A greeter.
    #[rpc(get)]
    pub async fn greeter(&self) -> Mine {
        Mine
    }
}

mod private {
    #[derive(Debug)]
    pub(crate) struct Inside;

    #[topsail::rpc_target]
    impl Inside {
        pub fn nothing(&self) {}
    }
}

fn main() {
    println!("{:?}", private::Inside);
}
