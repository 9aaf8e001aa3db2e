use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::{Serialize, Serializer};

use super::pull::Pull;
use super::{FromRpc, IntoRpc, Outgoing, RawStub, RpcStub, argument_list, incoming, local, map};
use crate::proto::Path;
use crate::{RpcError, Value};

/// The result of a call, which may not be there yet. Await it to get a `T`.
///
/// The call is sent when it is made, awaited or not; the result comes back only if the promise is
/// awaited. Before that it can be used as if it were there already: calls and properties of it
/// ([`call`](Self::call), [`get`](Self::get)), and the promise itself as a part of arguments and
/// results, are sent at once and wait at the other side (promise pipelining).
///
/// Dropping it gives the result up; the call still runs.
pub struct RpcPromise<T = Value> {
    pull: Pull,
    value: PhantomData<fn() -> T>,
}

impl<T> RpcPromise<T> {
    /// Calls a method of what it becomes, by its name on the wire. `arguments` is a tuple, array or
    /// slice.
    pub fn call<R>(&self, method: &str, arguments: impl Serialize) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw().call(&Path::of(method), argument_list::encode(&arguments)))
    }

    /// A property of what it becomes, by its name on the wire.
    pub fn get<R>(&self, property: &str) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw().get(&Path::of(property)))
    }

    /// An element of the array that it becomes.
    pub fn index<R>(&self, index: u64) -> RpcPromise<R> {
        let mut path = Path::new();
        path.push_index(index);
        RpcPromise::from_raw(self.raw().get(&path))
    }

    /// Calls what it becomes, as a function. `arguments` is a tuple, array or slice.
    pub fn invoke<R>(&self, arguments: impl Serialize) -> RpcPromise<R> {
        RpcPromise::from_raw(self.raw().call(&Path::new(), argument_list::encode(&arguments)))
    }

    /// Maps what it becomes, at the side where it is: each element of an array, or the value
    /// itself, unless it is `null` or `undefined`, which stay.
    ///
    /// The function runs once, now, on a placeholder for the element. What it does with the
    /// placeholder, with promises that come of it and with other stubs is recorded and sent; the
    /// value it returns, with placeholders in it, is what each element becomes. It cannot await
    /// or look into the placeholder.
    pub fn map<E, R, O: Serialize>(
        &self,
        function: impl FnOnce(RpcPromise<E>) -> O,
    ) -> RpcPromise<R> {
        RpcPromise::from_raw(map::map(self.raw(), |input| function(RpcPromise::from_raw(input))))
    }

    /// A stub of what it becomes, without waiting.
    pub fn stub<U: ?Sized>(&self) -> RpcStub<U> {
        RpcStub::from_raw(self.raw().clone())
    }

    /// Another promise of the same result. Each can be awaited.
    #[must_use]
    pub fn dup(&self) -> Self {
        RpcPromise::from_raw(self.raw().clone())
    }

    /// The same promise, read as another type. Nothing is checked.
    pub fn cast<U>(self) -> RpcPromise<U> {
        RpcPromise { pull: self.pull, value: PhantomData }
    }

    /// A promise of a value that is there.
    pub fn ready(value: impl IntoRpc) -> Self {
        match value.into_rpc() {
            Ok(value) => RpcPromise::from_raw(local::peer().resolved(value)),
            Err(error) => RpcPromise::failed(error),
        }
    }

    /// A promise that has failed.
    pub fn failed(error: RpcError) -> Self {
        RpcPromise::from_raw(RawStub::broken(error))
    }

    /// A promise of what a future gives. The future runs whether or not the promise is awaited,
    /// by the spawner ([`set_spawner`](super::set_spawner)).
    pub fn from_future<V: IntoRpc, E: Into<RpcError>>(
        future: impl Future<Output = Result<V, E>> + 'static,
    ) -> Self {
        RpcPromise::from_raw(
            local::peer()
                .promise(Box::pin(async move { future.await.map_err(Into::into)?.into_rpc() })),
        )
    }

    /// A promise of whatever the reference is to.
    pub fn from_raw(raw: RawStub) -> Self {
        RpcPromise { pull: Pull::new(raw.into_promise()), value: PhantomData }
    }

    /// Waits for the value as it is, without decoding it.
    pub fn into_outgoing(self) -> impl Future<Output = Result<Outgoing, RpcError>> + 'static {
        self.pull
    }

    pub(super) fn raw(&self) -> &RawStub {
        self.pull.stub()
    }
}

impl<T: for<'de> FromRpc<'de>> Future for RpcPromise<T> {
    type Output = Result<T, RpcError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let value = ready!(Pin::new(&mut self.pull).poll(cx));
        Poll::Ready(value.and_then(incoming::decode))
    }
}

impl<T> Clone for RpcPromise<T> {
    fn clone(&self) -> Self {
        self.dup()
    }
}

impl<T> fmt::Debug for RpcPromise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RpcPromise")
    }
}

impl<T> Serialize for RpcPromise<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().serialize(serializer)
    }
}
