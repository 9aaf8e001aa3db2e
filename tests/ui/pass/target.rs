//! What `#[rpc_target]` accepts.

#![deny(warnings)]

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use topsail::{RpcError, rpc_target};

#[derive(Serialize, Deserialize)]
pub struct User {
    id: u32,
}

#[derive(Deserialize)]
pub struct Lent<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Debug)]
pub struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failure")
    }
}

impl std::error::Error for Failure {}

type Alias<T> = Result<T, Failure>;

pub struct Api {
    value: Cell<i64>,
}

#[rpc_target]
impl Api {
    pub const START: i64 = 0;

    pub fn new() -> Self {
        Api { value: Cell::new(Self::START) }
    }

    pub fn nothing(&self) {}

    pub fn borrowed(
        &self,
        text: &str,
        optional: Option<&str>,
        cow: Cow<'_, str>,
        bytes: &[u8],
        users: &[User],
        user: &User,
        lent: Lent<'_>,
    ) -> usize {
        let texts = text.len() + optional.map_or(0, str::len) + cow.len() + lent.name.len();
        texts + bytes.len() + users.len() + user.id as usize
    }

    pub fn with_lifetime<'a>(&'a self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }

    pub fn of_self(&self) -> &'static str {
        "self"
    }

    pub fn opaque(&self) -> impl Serialize + use<> {
        3
    }

    pub async fn asynchronous(&self, mut name: String, _: u32) -> Alias<String> {
        name.push('!');
        Ok(name)
    }

    pub fn shared(self: Rc<Self>) -> Result<(), Failure> {
        Ok(())
    }

    pub fn shared_lent(self: &Rc<Self>) {}

    pub async fn shared_async(self: std::rc::Rc<Self>) -> Counter {
        Counter
    }

    // The names of methods that `Rc` has too.
    pub fn clone(&self) -> Counter {
        Counter
    }

    pub fn call(&self, method: &str, arguments: u8) -> usize {
        method.len() + usize::from(arguments)
    }

    pub fn defaults(
        &self,
        #[rpc(default = "!")] text: &str,
        #[rpc(default = "?")] string: String,
        #[rpc(default = 7)] number: u64,
        #[rpc(default)] optional: Option<u8>,
        #[rpc(default = User { id: 1 })] user: &User,
    ) -> String {
        format!("{text}{string}{number}{optional:?}{}", user.id)
    }

    pub fn rest(&self, _first: u8, #[rpc(rest)] numbers: Vec<i64>) -> i64 {
        numbers.iter().sum()
    }

    pub fn rest_lent(&self, #[rpc(rest)] numbers: &[i64]) -> i64 {
        numbers.iter().sum()
    }

    pub fn pattern(&self, (a, b): (u32, u32)) -> u32 {
        a + b
    }

    #[rpc(get)]
    pub fn value(&self) -> i64 {
        self.value.get()
    }

    #[rpc(get)]
    pub async fn value_later(&self) -> i64 {
        self.value.get()
    }

    #[rpc(name = "otherName")]
    pub fn other(&self) {}

    #[rpc(call)]
    pub fn run(&self, i: i64) -> i64 {
        i
    }

    /// Not reachable: anything goes.
    #[rpc(skip)]
    pub fn hidden<T: Default>(&mut self) -> T {
        self.private();
        self.crate_only();
        T::default()
    }

    #[cfg(any())]
    pub fn never(&self) -> Missing {}

    #[deprecated]
    pub fn old(&self) {}

    pub const fn constant(&self) -> u32 {
        3
    }

    pub fn own_error(&self) -> Result<Counter, RpcError> {
        Err(RpcError::range_error("own"))
    }

    fn private(&mut self) {}

    pub(crate) fn crate_only(&mut self) {}
}

pub struct Counter;

#[rpc_target(rename_all = "none")]
impl Counter {
    pub fn incre_ment(&self) {}
}

pub trait Storage {
    fn read(&self) -> u8;
}

pub struct Generic<S, const N: usize>(S);

#[rpc_target]
impl<S, const N: usize> Generic<S, N>
where
    S: Storage,
{
    pub fn read(&self) -> u8 {
        self.0.read()
    }

    pub async fn read_later(&self) -> u8 {
        self.0.read()
    }
}

mod renamed {
    pub mod inner {
        pub use topsail::*;
    }

    pub struct Api;

    #[topsail::rpc_target(crate = crate::renamed::inner)]
    impl Api {
        pub fn hello(&self, name: &str) -> String {
            name.to_owned()
        }
    }
}

macro_rules! through_a_macro {
    ($name:ident, $ty:ty) => {
        #[rpc_target]
        impl $name {
            pub fn same(&self, value: $ty) -> $ty {
                value
            }

            pub async fn later(&self, values: Vec<$ty>) -> Option<$ty> {
                values.into_iter().next()
            }
        }
    };
}

pub struct Made;

through_a_macro!(Made, u32);

fn is_target<T: topsail::RpcTarget + topsail::IntoRpc>(_: T) {}

impl Storage for u8 {
    fn read(&self) -> u8 {
        *self
    }
}

fn main() {
    is_target(Api::new());
    is_target(Generic::<u8, 3>(1));
    is_target(renamed::Api);
    is_target(Made);
    let _: i64 = Api::new().hidden();
}
