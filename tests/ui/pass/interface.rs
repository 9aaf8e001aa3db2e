//! What `#[rpc_interface]` accepts, how a stub's methods are called, and serving.

#![deny(warnings)]

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use topsail::{Bytes, RpcError, RpcPromise, RpcStub, Serves, rpc_interface, rpc_target};

#[derive(Serialize, Deserialize)]
pub struct User {
    id: u32,
}

#[rpc_interface]
pub trait OnEvent {
    fn event(&self, n: u32);
    fn counter(&self) -> RpcStub<dyn Counter>;
    #[rpc(get)]
    fn value(&self) -> i64;
    #[rpc(call)]
    fn apply(&self, i: i64, text: &str, note: Option<&str>, user: Option<User>) -> i64;
    #[rpc(name = "wire")]
    async fn rust(&self) -> Result<Vec<String>, RpcError>;
    fn many(&self, numbers: &[u32], bytes: Bytes, #[rpc(rest)] rest: Vec<String>);
    fn by_reference(&self, user: &User) -> RpcPromise<User>;
    #[cfg(any())]
    fn never(&self) -> Missing;
}

// An interface may be private, and have private types in it.
struct Secret;

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: i64) -> i64;
    fn listen(&self, listener: RpcStub<dyn OnEvent>, any: RpcStub);
    fn mine(&self, stub: RpcStub<Secret>) -> RpcStub<Secret>;
}

pub struct Listener;

#[rpc_target]
impl OnEvent for Listener {
    async fn event(&self, n: u32) -> Result<(), RpcError> {
        match n {
            0 => Err(RpcError::range_error("zero")),
            _ => Ok(()),
        }
    }

    fn counter(&self) -> MyCounter<u8> {
        MyCounter(1)
    }

    fn value(&self) -> i64 {
        3
    }

    fn apply(
        &self,
        i: i64,
        text: &str,
        #[rpc(default = "x")] note: String,
        user: Option<User>,
    ) -> topsail::RpcPromise<i64> {
        let id = user.map_or(0, |user| i64::from(user.id));
        RpcPromise::ready(i + id + (text.len() + note.len()) as i64)
    }

    async fn rust(self: Rc<Self>) -> Vec<String> {
        Vec::new()
    }

    fn many(self: &Rc<Self>, numbers: &[u32], bytes: Bytes, #[rpc(rest)] rest: Vec<String>) {
        drop((numbers.len(), bytes, rest));
    }

    fn by_reference(&self, user: &User) -> Result<User, RpcError> {
        Ok(User { id: user.id })
    }
}

struct MyCounter<T>(T);

#[rpc_target]
impl<T> Counter for MyCounter<T>
where
    T: Copy + Into<i64>,
{
    async fn increment(&self, amount: i64) -> i64 {
        self.0.into() + amount
    }

    fn listen(&self, listener: RpcStub<dyn OnEvent>, _: RpcStub) {
        drop(listener);
    }

    fn mine(&self, stub: RpcStub<Secret>) -> RpcStub<Secret> {
        drop(Secret);
        stub
    }
}

// Names that the macros' output has too.
#[derive(Serialize, Deserialize)]
pub struct T;

#[derive(Serialize, Deserialize)]
pub struct Methods;

#[rpc_interface]
trait Names {
    fn values(&self, target: T, method: Methods, arguments: u8, value: T, error: T) -> T;
    fn r#type(&self, _: u8) -> Methods;
}

struct Named;

#[rpc_target]
impl Names for Named {
    fn values(&self, target: T, method: Methods, arguments: u8, _: T, _: T) -> T {
        drop((method, arguments));
        target
    }

    async fn r#type(&self, _: u8) -> Methods {
        Methods
    }
}

async fn client(on: RpcStub<dyn OnEvent>) -> Result<(), RpcError> {
    on.event(1).await?;
    let count = on.counter().increment(1);
    let value = on.value();
    on.apply(&value, "x", "y", None).await?;
    on.apply(value, String::new(), None, User { id: 1 }).await?;
    on.apply(&count, on.rust().index::<String>(0), Some(String::new()), None).await?;
    on.many([1, 2], Bytes::default(), ["x", "y"]).await?;
    on.many(vec![1, 2], &b"bytes"[..], vec![String::new()]).await?;
    on.many(&[1, 2], vec![1_u8], [&on.rust().index::<String>(0)]).await?;
    on.counter().listen(Listener, MyCounter(1_u8)).await?;
    on.counter().listen(on.dup(), on.dup().cast()).await?;
    on.by_reference(&User { id: 1 }).await?;
    on.by_reference(on.by_reference(User { id: 1 })).await?;
    let texts: Vec<String> = on.rust().await?;
    let sum: i64 = count.await? + texts.len() as i64;
    assert!(sum > 0);
    Ok(())
}

fn serves<T: Serves<dyn OnEvent>>(target: T) -> RpcStub<dyn OnEvent>
where
    RpcStub<dyn OnEvent>: From<T>,
{
    target.into()
}

fn main() {
    drop(client(serves(Listener)));
    let _: RpcStub<dyn Counter> = MyCounter(1_u8).into();
    let _: RpcStub<dyn Names> = Named.into();
    let _: RpcStub<dyn OnEvent> = RpcStub::from_target(Rc::new(Listener));
}
