//! Stubs and promises that no session of another process knows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::executor::block_on;
use futures::future::{LocalBoxFuture, join, pending, poll_immediate};
use topsail_core::codec::Value;
use topsail_core::proto::Path;
use topsail_core::{
    Payload, RpcError, RpcPromise, RpcStub, function, function_async, set_spawner, try_function,
    try_function_async,
};

use crate::targets::{Api, Counter, Gate, counter};

#[test]
fn calls() {
    let api: RpcStub = Api::default().into();
    assert_eq!(block_on(api.call::<i64>("square", (3,))), Ok(9));
    let counter = api.call::<RpcStub>("makeCounter", (1,));
    assert_eq!(block_on(counter.call::<i64>("increment", (1,))), Ok(2));
    assert_eq!(block_on(api.get::<i64>("answer")), Ok(42));
    let error = block_on(api.call::<i64>("nope", ())).unwrap_err();
    assert_eq!(error.to_string(), "TypeError: 'nope' is not a function.");
    let nested = api.get::<Value>("nested");
    assert_eq!(block_on(nested.get::<Value>("deep").get::<i64>("value")), Ok(42));
}

/// A local call does not run within the call that makes it.
#[test]
fn calls_are_queued() {
    let runs = Rc::new(Cell::new(0));
    let counted = Rc::clone(&runs);
    let stub = function(move || counted.set(counted.get() + 1));
    let promise = stub.invoke::<()>(());
    assert_eq!(runs.get(), 0);
    block_on(promise).unwrap();
    assert_eq!(runs.get(), 1);
}

#[test]
fn functions() {
    let fallible =
        try_function(|i: i64| i.checked_mul(2).ok_or_else(|| RpcError::range_error("too large")));
    assert_eq!(block_on(fallible.invoke::<i64>((4,))), Ok(8));
    let error = block_on(fallible.invoke::<i64>((i64::MAX.to_string(),))).unwrap_err();
    assert!(error.message().starts_with("argument 0: expected an integer"), "{error}");
    let later = function_async(|a: String, b: Option<String>| async move { (a, b) });
    let both: (String, Option<String>) = block_on(later.invoke(("a",))).unwrap();
    assert_eq!(both, ("a".to_owned(), None));
    let failing = try_function_async(|| async { Err::<(), _>(RpcError::error("async")) });
    assert_eq!(block_on(failing.invoke::<()>(())).unwrap_err().message(), "async");
    let method = block_on(failing.call::<()>("x", ())).unwrap_err();
    assert_eq!(method.to_string(), "TypeError: 'x' is not a function.");
    let higher = function(|stub: RpcStub| stub);
    let back: RpcStub = block_on(higher.invoke((function(|| 5),))).unwrap();
    assert_eq!(block_on(back.invoke::<i64>(())), Ok(5));
}

#[test]
fn promises() {
    assert_eq!(block_on(RpcPromise::<String>::ready("x")), Ok("x".to_owned()));
    let failed = block_on(RpcPromise::<i64>::failed(RpcError::error("no"))).unwrap_err();
    assert_eq!(failed.message(), "no");
    let future = RpcPromise::<Vec<i64>>::from_future(async { Ok::<_, RpcError>([1, 2]) });
    assert_eq!(block_on(future.index::<i64>(1)), Ok(2));
    assert_eq!(block_on(future), Ok(vec![1, 2]));
    let stub = RpcPromise::<RpcStub>::ready(counter(4));
    assert_eq!(block_on(stub.get::<i64>("value")), Ok(4));
}

/// The last reference drops the object, no later than the next thing that the thread does.
#[test]
fn drops() {
    let drops = Rc::new(Cell::new(0));
    let stub = RpcStub::new(Counter { value: Cell::new(1), drops: Rc::clone(&drops) });
    assert_eq!(block_on(stub.call::<i64>("increment", ())), Ok(2));
    drop(stub);
    assert_eq!(block_on(RpcPromise::<()>::ready(())), Ok(()));
    assert_eq!(drops.get(), 1);
}

/// Local methods that await local calls.
#[test]
fn nested_awaits() {
    let api: RpcStub = Api::default().into();
    let inner = api.dup();
    let outer = try_function_async(move |i: i64| {
        let inner = inner.dup();
        async move { inner.call::<i64>("square", (i,)).await }
    });
    let results = futures::future::join_all((0..50).map(|i| outer.invoke::<i64>((i,))));
    assert_eq!(block_on(results), (0..50).map(|i| Ok(i * i)).collect::<Vec<_>>());
}

/// Whoever awaits is woken for what runs, when nobody else drives.
#[test]
fn pending_methods() {
    let gate = Rc::new(Gate::default());
    let opened = Rc::clone(&gate);
    let waits = function_async(move || {
        let gate = Rc::clone(&opened);
        async move { gate.open().await }
    });
    let open = async { gate.release() };
    assert_eq!(block_on(join(waits.invoke::<()>(()), open)), (Ok(()), ()));
}

/// What a call has is dropped with it.
#[test]
fn a_call_that_is_ended() {
    let held = Rc::new(());
    let kept = Rc::clone(&held);
    let waits = function_async(move || {
        let kept = Rc::clone(&kept);
        async move {
            let _kept = kept;
            pending::<()>().await;
        }
    });
    let waits = waits.into_raw();
    let call = waits.call(&Path::new(), Ok(Payload::from_text("[]".to_owned())));
    let mut promise = RpcPromise::<()>::from_raw(call.clone());
    assert_eq!(block_on(poll_immediate(&mut promise)), None);
    assert_eq!(Rc::strong_count(&held), 3);
    call.fail_call(RpcError::error("over"));
    assert_eq!(Rc::strong_count(&held), 2);
    assert_eq!(block_on(promise).unwrap_err().to_string(), "Error: over");
}

thread_local! {
    static SPAWNED: RefCell<Vec<LocalBoxFuture<'static, ()>>> = const { RefCell::new(Vec::new()) };
}

/// With a spawner, local calls are made without being awaited.
#[test]
fn spawner() {
    set_spawner(|future| SPAWNED.with_borrow_mut(|spawned| spawned.push(future)));
    let runs = Rc::new(Cell::new(0));
    let counted = Rc::clone(&runs);
    let stub = function(move || counted.set(counted.get() + 1));
    for round in 1..=2 {
        drop(stub.invoke::<()>(()));
        drop(stub.invoke::<()>(()));
        let mut spawned = SPAWNED.take();
        assert_eq!((spawned.len(), runs.get()), (1, 2 * (round - 1)));
        spawned.drain(..).for_each(block_on);
        assert_eq!(runs.get(), 2 * round);
    }
    drop(stub);
    SPAWNED.take().drain(..).for_each(block_on);
    assert_eq!(Rc::strong_count(&runs), 1);
}
