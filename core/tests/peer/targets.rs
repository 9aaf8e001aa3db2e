use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Poll, Waker};

use serde::Serialize;
use topsail_core::__private::{Return, pending, ready, target_into_rpc};
use topsail_core::{
    Answer, Arguments, IntoRpc, Outgoing, Property, RpcError, RpcPromise, RpcStub, RpcTarget, Value,
};

/// The main object of most tests.
#[derive(Default)]
pub(crate) struct Api {
    pub(crate) log: Rc<RefCell<Vec<String>>>,
    pub(crate) kept: RefCell<Option<RpcStub>>,
    pub(crate) value: RefCell<Value>,
    pub(crate) gate: Rc<Gate>,
    /// Counts dropped counters.
    pub(crate) drops: Rc<Cell<u32>>,
}

/// What `callSquare` gives: a promise inside of a result.
#[derive(Serialize)]
struct Later {
    result: RpcPromise<i64>,
}

#[derive(Serialize)]
struct Friend {
    name: &'static str,
    counter: RpcStub<Counter>,
}

impl RpcTarget for Api {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        let result = match method {
            "square" => arguments.next::<i64>().map(|i| i * i).finish(),
            "greet" => self.greet(&mut arguments),
            "fail" => arguments.next::<String>().and_then(|text| Err(RpcError::range_error(text))),
            "list" => arguments.next::<i64>().map(|n| (0..n).collect::<Vec<_>>()).finish(),
            "null" => None::<i64>.into_rpc(),
            "log" => {
                arguments.next::<String>().map(|text| self.log.borrow_mut().push(text)).finish()
            }
            "echo" => arguments.next::<Outgoing>().and_then(|value| value.into_rpc()),
            "echoValue" => arguments.next::<Value>().and_then(|value| value.into_rpc()),
            "keepValue" => arguments.next().map(|value| drop(self.value.replace(value))).finish(),
            "keptValue" => self.value.take().into_rpc(),
            "makeCounter" => arguments.next().and_then(|i| self.counter(i).into_rpc()),
            "friends" => self.friends(),
            "callSquare" => Self::call_square(&mut arguments),
            "keep" => arguments.next().map(|stub| drop(self.kept.replace(Some(stub)))).finish(),
            "callKept" => return self.call_kept(&mut arguments),
            "dropKept" => self.kept.take().map(drop).into_rpc(),
            "callFunction" => return Self::call_function(&mut arguments),
            "increment" => return Self::increment(&mut arguments),
            "wait" => {
                let gate = Rc::clone(&self.gate);
                return pending(async move {
                    gate.open().await;
                    7.into_rpc()
                });
            }
            _ => return Answer::NoSuchMethod,
        };
        ready(result)
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        match property {
            "answer" => Property::Value(ready(42.into_rpc())),
            "counter" => Property::Value(ready(self.counter(10).into_rpc())),
            "nested" => Property::Value(ready(Nested::default().into_rpc())),
            "square" | "log" | "greet" => Property::Method,
            _ => Property::Missing,
        }
    }
}

#[derive(Serialize)]
struct Nested {
    list: [i64; 3],
    deep: Deep,
}

#[derive(Serialize)]
struct Deep {
    value: i64,
    counter: RpcStub<Counter>,
}

impl Default for Nested {
    fn default() -> Self {
        let counter = RpcStub::new(Counter { value: Cell::new(5), drops: Rc::default() });
        Nested { list: [1, 2, 3], deep: Deep { value: 42, counter } }
    }
}

impl Api {
    fn greet(&self, arguments: &mut Arguments<'_>) -> Result<Outgoing, RpcError> {
        let name: String = arguments.next()?;
        let punctuation: Option<String> = arguments.next()?;
        format!("Hello, {name}{}", punctuation.as_deref().unwrap_or("!")).into_rpc()
    }

    fn counter(&self, value: i64) -> Counter {
        Counter { value: Cell::new(value), drops: Rc::clone(&self.drops) }
    }

    fn friends(&self) -> Result<Outgoing, RpcError> {
        let friend = |name, value| Friend { name, counter: RpcStub::new(self.counter(value)) };
        [friend("a", 1), friend("b", 2), friend("c", 3)].into_rpc()
    }

    fn call_square(arguments: &mut Arguments<'_>) -> Result<Outgoing, RpcError> {
        let (target, i) = (arguments.next::<RpcStub>()?, arguments.next::<i64>()?);
        Later { result: target.call("square", (i,)) }.into_rpc()
    }

    fn call_kept(&self, arguments: &mut Arguments<'_>) -> Answer {
        let kept = self.kept.borrow().clone();
        match (kept, arguments.rest::<i64>()) {
            (Some(kept), Ok(arguments)) => {
                let promise = kept.invoke::<i64>(arguments);
                pending(async move { Return(promise.await).finish() })
            }
            (None, _) => ready(Err(RpcError::error("nothing kept"))),
            (_, Err(error)) => ready(Err(error)),
        }
    }

    fn call_function(arguments: &mut Arguments<'_>) -> Answer {
        match (arguments.next::<RpcStub>(), arguments.next::<i64>()) {
            (Ok(function), Ok(i)) => {
                pending(async move { Return(function.invoke::<i64>((i,)).await).finish() })
            }
            (Err(error), _) | (_, Err(error)) => ready(Err(error)),
        }
    }

    fn increment(arguments: &mut Arguments<'_>) -> Answer {
        match arguments.next::<RpcStub>() {
            Ok(counter) => {
                pending(
                    async move { Return(counter.call::<i64>("increment", (1,)).await).finish() },
                )
            }
            Err(error) => ready(Err(error)),
        }
    }
}

/// Lets `?`-less code of tables end in an encoded result.
trait Finish {
    fn finish(self) -> Result<Outgoing, RpcError>;
}

impl<T: IntoRpc> Finish for Result<T, RpcError> {
    fn finish(self) -> Result<Outgoing, RpcError> {
        Return(self).finish()
    }
}

/// A number that grows.
pub(crate) struct Counter {
    pub(crate) value: Cell<i64>,
    pub(crate) drops: Rc<Cell<u32>>,
}

/// A counter nobody watches.
pub(crate) fn counter(value: i64) -> Counter {
    Counter { value: Cell::new(value), drops: Rc::default() }
}

impl IntoRpc for Counter {
    fn into_rpc(self) -> Result<Outgoing, RpcError> {
        target_into_rpc(self)
    }
}

impl RpcTarget for Counter {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        if method != "increment" {
            return Answer::NoSuchMethod;
        }
        ready(arguments.next::<Option<i64>>().and_then(|amount| {
            self.value.set(self.value.get() + amount.unwrap_or(1));
            self.value.get().into_rpc()
        }))
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        match property {
            "value" => Property::Value(ready(self.value.get().into_rpc())),
            "increment" => Property::Method,
            _ => Property::Missing,
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
    }
}

/// Something to wait for.
#[derive(Default)]
pub(crate) struct Gate {
    is_open: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

impl Gate {
    pub(crate) fn release(&self) {
        self.is_open.set(true);
        self.wakers.take().into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn open(&self) {
        std::future::poll_fn(|cx| {
            if self.is_open.get() {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
