use std::rc::Rc;

use futures::future::{try_join, try_join3, try_join4};
use topsail::prelude::*;
use topsail::{
    Headers, Limits, Outgoing, Request, Response, Untyped, function, native, try_function,
    try_function_async,
};

use crate::address::Address;
use crate::caught::{Caught, broken, caught};
use crate::remote::{Api, Counter, LocalCounter, Main};

/// Each method opens a session to an address, and gives what it got there.
pub(crate) struct Client;

#[rpc_target]
impl Client {
    // Calls of which nothing is known here.

    pub async fn call(
        &self,
        at: Address,
        method: String,
        #[rpc(rest)] arguments: Vec<Outgoing>,
    ) -> Result<Outgoing, RpcError> {
        at.open().await?.call(&method, arguments).await
    }

    pub async fn get(&self, at: Address, property: String) -> Result<Outgoing, RpcError> {
        at.open().await?.get(&property).await
    }

    pub async fn caught(
        &self,
        at: Address,
        method: String,
        #[rpc(rest)] arguments: Vec<Outgoing>,
    ) -> Result<Caught, RpcError> {
        caught(at.open().await?.call::<Outgoing>(&method, arguments)).await
    }

    /// Sends a request of the client's, and gives the response: bodies pass through.
    pub async fn forward(&self, request: Request) -> Result<Response, RpcError> {
        let request = native::request_into_worker(request)?;
        native::response_from_worker(worker::Fetch::Request(request).send().await?)
    }

    /// What JavaScript makes of a value, and Rust of that.
    pub fn through_js(&self, value: Outgoing) -> Result<Outgoing, RpcError> {
        native::from_js(&native::to_js(value)?)
    }

    /// The headers as those of `worker`, and back.
    pub fn through_worker(&self, headers: Headers) -> Result<Headers, RpcError> {
        native::headers_from_worker(&native::headers_into_worker(headers)?)
    }

    // Typed calls.

    pub async fn plain(
        &self,
        at: Address,
    ) -> Result<(f64, String, String, Vec<f64>, RpcStub<dyn Counter>), RpcError> {
        let api = at.open().await?;
        let (square, hello, question, nested) =
            try_join4(api.square(5.0), api.greet("Ada", None), api.greet("Ada", "?"), api.nested())
                .await?;
        Ok((square, hello, question, nested.list, nested.counter))
    }

    pub async fn pipelined(&self, at: Address) -> Result<(f64, f64, f64, f64), RpcError> {
        let api = at.open().await?;
        let first = api.make_counter(3.0).increment(1.0);
        let untyped = api.dup().cast::<Untyped>().call::<RpcStub>("makeCounter", (10,));
        try_join4(
            first.dup(),
            api.make_counter(api.square(2.0)).increment(1.0),
            api.make_counter(7.0).value(),
            untyped.call("increment", (first,)),
        )
        .await
    }

    pub async fn mapped(&self, at: Address) -> Result<(Vec<f64>, Vec<f64>), RpcError> {
        let api = at.open().await?;
        let counter = api.make_counter(10.0);
        let squares = api.range(5).map(|i: RpcPromise<f64>| api.square(i));
        let sums = api.range(4).map(|i: RpcPromise<f64>| counter.increment(i));
        try_join(squares, sums).await
    }

    /// The second call is made, and its result left.
    pub async fn left(&self, at: Address) -> Result<Outgoing, RpcError> {
        let api: RpcStub = at.open().await?.cast();
        drop(api.call::<()>("log", ("left",)));
        api.call("logged", ()).await
    }

    // What is given to the other side.

    pub async fn callbacks(&self, at: Address) -> Result<(f64, Vec<f64>, f64, f64), RpcError> {
        let api = at.open().await?;
        let counter = LocalCounter::default();
        let remote = api.dup();
        let square = try_function_async(move |i: f64| remote.square(i));
        let (called, squares, first) = try_join3(
            api.call_function(function(|i: f64| i * 2.0), 21.0),
            api.call_twice(square, 3.0),
            api.increment_counter(counter.clone(), 5.0),
        )
        .await?;
        Ok((called.result, squares, first, counter.get()))
    }

    /// Whether a callback lives as long as the other side keeps it, and no longer.
    pub async fn kept(&self, at: Address) -> Result<(f64, bool, bool), RpcError> {
        let api = at.open().await?;
        let factor = Rc::new(3.0);
        let weak = Rc::downgrade(&factor);
        api.keep(function(move |i: f64| i * *factor)).await?;
        let product = api.call_kept(4.0).await?;
        let is_kept = weak.upgrade().is_some();
        api.drop_kept().await?;
        api.square(1.0).await?;
        Ok((product, is_kept, weak.upgrade().is_some()))
    }

    pub async fn failing_callback(&self, at: Address) -> Result<Caught, RpcError> {
        let api = at.open().await?;
        caught(api.call_function(failing(), 1.0)).await
    }

    pub async fn rewritten_error(&self, at: Address) -> Result<Caught, RpcError> {
        let options = RpcSessionOptions::new().on_send_error(|_| RpcError::error("hidden"));
        let api = at.open_with(None, options).await?;
        caught(api.call_function(failing(), 1.0)).await
    }

    /// Calls with a main object of this side.
    pub async fn with_main(&self, at: Address, method: String) -> Result<Outgoing, RpcError> {
        let api = at.open_with(Some(Rc::new(Main)), RpcSessionOptions::default()).await?;
        api.call(&method, ("Node",)).await
    }

    // The ends of sessions.

    /// Makes a call and leaves it and the session at once.
    pub async fn leave(&self, at: Address) -> Result<(), RpcError> {
        drop(at.open().await?.square(2.0));
        Ok(())
    }

    /// Leaves the session with a function at the other side.
    pub async fn give_function(&self, at: Address) -> Result<Outgoing, RpcError> {
        let api: RpcStub = at.open().await?.cast();
        api.call("keep", (function(|i: f64| i),)).await
    }

    /// A call, and another when the first is answered.
    pub async fn late(&self, at: Address) -> Result<(f64, Caught, Caught), RpcError> {
        let api = at.open().await?;
        let broken = broken(&api);
        let first = api.square(2.0).await?;
        let late = caught(api.square(3.0)).await?;
        Ok((first, late, broken.await?))
    }

    /// How a waiting call, the stub and a later call fail.
    pub async fn lost(&self, at: Address) -> Result<(Caught, Caught, Caught), RpcError> {
        let api = at.open().await?;
        let broken = broken(&api);
        let waiting = caught(api.square(2.0)).await?;
        let broken = broken.await?;
        Ok((waiting, broken, caught(api.square(3.0)).await?))
    }

    /// Opens a session and makes no call before another session has made one.
    pub async fn idle(&self, at: Address, other: Address) -> Result<f64, RpcError> {
        let idle = at.open().await?;
        let result = other.open().await?.square(3.0).await;
        drop(idle);
        result
    }

    pub async fn limited(&self, at: Address) -> Result<Caught, RpcError> {
        let mut limits = Limits::default();
        limits.max_message_bytes = 1_000;
        let options = RpcSessionOptions::new().limits(limits);
        let api = at.open_with(None, options).await?;
        caught(api.range(1_000)).await
    }
}

fn failing() -> RpcStub {
    try_function(|_: f64| -> Result<(), RpcError> {
        Err(RpcError::range_error("from Rust").with_prop("code", "E_RUST"))
    })
}
