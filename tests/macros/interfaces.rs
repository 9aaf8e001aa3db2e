use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::executor::block_on;
use serde::{Deserialize, Serialize};
use topsail::{Bytes, RpcError, RpcPromise, RpcStub, rpc_interface, rpc_target};

use crate::wire::{ask, client};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct User {
    id: u32,
}

#[rpc_interface]
trait Counter {
    fn increment(&self, amount: Option<i64>) -> i64;
    #[rpc(get)]
    fn value(&self) -> i64;
}

#[rpc_interface]
trait Api {
    fn make_counter(&self, start: i64) -> RpcStub<dyn Counter>;
    fn add_all(&self, #[rpc(rest)] numbers: Vec<i64>) -> i64;
    #[rpc(name = "$greet")]
    fn greet(&self, name: &str, note: Option<&str>) -> Result<String, RpcError>;
    #[rpc(call)]
    async fn apply(&self, i: i64) -> i64;
    fn next_user(&self, user: &User) -> User;
    fn listen(&self, listener: RpcStub<dyn Listener>, any: RpcStub);
    fn lengths(&self, bytes: &[u8], numbers: &[i64]) -> (usize, usize);
    #[cfg(any())]
    fn absent(&self) -> Missing;
}

#[rpc_interface]
trait Listener {
    fn event(&self, n: u32);
}

struct MyCounter(Cell<i64>);

#[rpc_target]
impl Counter for MyCounter {
    fn increment(&self, #[rpc(default = 1)] amount: i64) -> i64 {
        self.0.set(self.0.get() + amount);
        self.0.get()
    }

    async fn value(&self) -> Result<i64, RpcError> {
        Ok(self.0.get())
    }
}

#[derive(Default)]
struct MyApi {
    events: Rc<RefCell<Vec<u32>>>,
}

#[rpc_target]
impl Api for MyApi {
    async fn make_counter(&self, start: i64) -> MyCounter {
        MyCounter(Cell::new(start))
    }

    fn add_all(&self, #[rpc(rest)] numbers: &[i64]) -> i64 {
        numbers.iter().sum()
    }

    fn greet(&self, name: &str, note: Option<&str>) -> Result<String, RpcError> {
        match name {
            "" => Err(RpcError::range_error("nobody")),
            _ => Ok(format!("{name} {}", note.unwrap_or("none"))),
        }
    }

    async fn apply(self: Rc<Self>, i: i64) -> i64 {
        i * 2
    }

    fn next_user(&self, user: &User) -> User {
        User { id: user.id + 1 }
    }

    async fn listen(&self, listener: RpcStub<dyn Listener>, any: RpcStub) -> Result<(), RpcError> {
        listener.event(1).await?;
        any.call("event", (2,)).await
    }

    fn lengths(&self, bytes: &[u8], numbers: &[i64]) -> (usize, usize) {
        (bytes.len(), numbers.len())
    }
}

struct MyListener(Rc<RefCell<Vec<u32>>>);

#[rpc_target]
impl Listener for MyListener {
    fn event(&self, n: u32) {
        self.0.borrow_mut().push(n);
    }
}

/// What a stub's call sends, as the expression that is pushed.
fn sent<T>(call: impl FnOnce(RpcStub<dyn Api>) -> RpcPromise<T>) -> Vec<String> {
    let (peer, sent) = client();
    let promise = call(peer.remote_main());
    let _ = futures::FutureExt::now_or_never(peer.drained());
    drop(promise);
    let messages = sent.take().into_iter();
    let pushes = messages.filter_map(|message| {
        let expression = message.strip_prefix(r#"["push","#)?.strip_suffix(']')?;
        Some(expression.to_owned())
    });
    pushes.collect()
}

#[test]
fn what_a_stub_sends() {
    let one = |expression: &str| vec![expression.to_owned()];
    assert_eq!(sent(|api| api.make_counter(3)), one(r#"["pipeline",0,["makeCounter"],[3]]"#));
    assert_eq!(sent(|api| api.greet("a", "b")), one(r#"["pipeline",0,["$greet"],["a","b"]]"#));
    assert_eq!(sent(|api| api.apply(1)), one(r#"["pipeline",0,[],[1]]"#));
    assert_eq!(sent(|api| api.add_all([1, 2])), one(r#"["pipeline",0,["addAll"],[1,2]]"#));
    assert_eq!(sent(|api| api.add_all([0; 0])), one(r#"["pipeline",0,["addAll"],[]]"#));
    assert_eq!(
        sent(|api| api.lengths(&b"abc"[..], [1])),
        one(r#"["pipeline",0,["lengths"],[["bytes","YWJj"],[[1]]]]"#)
    );
    assert_eq!(
        sent(|api| api.make_counter(3).value()),
        [r#"["pipeline",0,["makeCounter"],[3]]"#, r#"["pipeline",1,["value"]]"#]
    );
    assert_eq!(
        sent(|api| api.apply(api.make_counter(3).increment(1))),
        [
            r#"["pipeline",0,["makeCounter"],[3]]"#,
            r#"["pipeline",1,["increment"],[1]]"#,
            r#"["pipeline",0,[],[["pipeline",2]]]"#
        ]
    );
}

#[test]
fn what_a_served_interface_answers() {
    for (member, answer) in [
        (r#"["$greet"],["a"]"#, r#""a none""#),
        (r#"["$greet"],["a\n","b"]"#, r#""a\n b""#),
        (r#"["$greet"],[""]"#, r#"["error","RangeError","nobody"]"#),
        (r#"["addAll"],[1,2,3]"#, "6"),
        (r#"["addAll"],[]"#, "0"),
        (r#"[],[4]"#, "8"),
        (r#"["nextUser"],[{"id":1}]"#, r#"{"id":2}"#),
        (r#"["makeCounter"],[1]"#, r#"["export",-1]"#),
        (r#"["makeCounter"]"#, r#"["export",-1]"#),
        (r#"["lengths"],[["bytes","YWJj"],[[1]]]"#, "[[3,1]]"),
        (r#"["greet"]"#, r#"["undefined"]"#),
        (r#"["greet"],["a"]"#, r#"["error","TypeError","'greet' is not a function."]"#),
    ] {
        assert_eq!(ask(MyApi::default(), member), answer, "{member}");
    }
    let misfit = ask(MyApi::default(), r#"["addAll"],[1,"a"]"#);
    assert!(misfit.starts_with(r#"["error","TypeError","addAll: argument 1: "#), "{misfit}");
    let counter = || MyCounter(Cell::new(5));
    assert_eq!(ask(counter(), r#"["value"]"#), "5");
    assert_eq!(ask(counter(), r#"["increment"],[]"#), "6");
    let error = r#"["error","TypeError","'value' is not a function."]"#;
    assert_eq!(ask(counter(), r#"["value"],[]"#), error);
    let error = r#"["error","TypeError","the target is not a function."]"#;
    assert_eq!(ask(counter(), "[],[]"), error);
}

#[test]
fn from_a_stub_to_its_target() -> Result<(), RpcError> {
    let target = MyApi::default();
    let events = Rc::clone(&target.events);
    let api: RpcStub<dyn Api> = target.into();
    block_on(async {
        let counter = api.make_counter(3);
        assert_eq!(counter.increment(None).await?, 4);
        let sum = api.add_all([counter.increment(2), counter.value()]);
        assert_eq!(sum.await?, 12);
        assert_eq!(api.greet("a", None).await?, "a none");
        assert_eq!(api.next_user(api.next_user(&User { id: 1 })).await?, User { id: 3 });
        assert_eq!(api.apply(api.apply(1)).await?, 4);
        assert_eq!(api.lengths(Bytes::from(vec![1, 2]), vec![1]).await?, (2, 1));
        let error = api.greet("", None).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), ("RangeError", "nobody"));
        // Targets as arguments, for a typed parameter and for any stub.
        api.listen(MyListener(Rc::clone(&events)), MyListener(Rc::clone(&events))).await?;
        assert_eq!(*events.borrow(), [1, 2]);
        // A stub that came by hand, and one that was awaited.
        let stub: RpcStub<dyn Listener> = RpcStub::from_target(Rc::new(MyListener(events)));
        api.listen(&stub, stub.dup().cast()).await?;
        let counter = api.make_counter(1).await?;
        let value = counter.value();
        assert_eq!(counter.increment(&value).await?, 2);
        assert_eq!(value.await?, 1);
        Ok(())
    })
}
