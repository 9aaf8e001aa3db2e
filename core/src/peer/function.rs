use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::{Answer, Arguments, IntoRpc, Property, RpcStub, RpcTarget};
use crate::RpcError;

/// A stub of a function, to be given to the peer as a callback.
///
/// The function takes up to eight arguments, of owned types, and returns a value or a target. If it
/// can fail, see [`try_function`]: here a `Result` is a value, which the peer gets as serde has it,
/// `{ Ok: … }`. If it is async, see [`function_async`] or [`try_function_async`].
///
/// ```
/// use topsail_core::function;
///
/// let add = function(|a: i64, b: Option<i64>| a + b.unwrap_or(1));
/// assert_eq!(futures::executor::block_on(add.invoke::<i64>((2,)))?, 3);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
pub fn function<A, F>(function: F) -> RpcStub
where
    A: FromArguments,
    F: Apply<A, Output: IntoRpc>,
{
    Function::stub(move |mut arguments| {
        let result = A::from_arguments(&mut arguments);
        Answer::Ready(result.and_then(|arguments| function.apply(arguments).into_rpc()))
    })
}

/// As [`function`], for one that returns a `Result`.
pub fn try_function<A, F, T, E>(function: F) -> RpcStub
where
    A: FromArguments,
    F: Apply<A, Output = Result<T, E>>,
    T: IntoRpc,
    E: Into<RpcError>,
{
    Function::stub(move |mut arguments| {
        Answer::Ready(
            A::from_arguments(&mut arguments)
                .and_then(|arguments| function.apply(arguments).map_err(Into::into)?.into_rpc()),
        )
    })
}

/// As [`function`], for one that returns a future.
pub fn function_async<A, F>(function: F) -> RpcStub
where
    A: FromArguments,
    F: Apply<A, Output: Future<Output: IntoRpc> + 'static>,
{
    Function::stub(move |mut arguments| match A::from_arguments(&mut arguments) {
        Ok(arguments) => {
            let future = function.apply(arguments);
            Answer::Pending(Box::pin(async move { future.await.into_rpc() }))
        }
        Err(error) => Answer::Ready(Err(error)),
    })
}

/// As [`function`], for one that returns a future of a `Result`.
pub fn try_function_async<A, F, T, E>(function: F) -> RpcStub
where
    A: FromArguments,
    F: Apply<A, Output: Future<Output = Result<T, E>> + 'static>,
    T: IntoRpc,
    E: Into<RpcError>,
{
    Function::stub(move |mut arguments| match A::from_arguments(&mut arguments) {
        Ok(arguments) => {
            let future = function.apply(arguments);
            Answer::Pending(Box::pin(async move { future.await.map_err(Into::into)?.into_rpc() }))
        }
        Err(error) => Answer::Ready(Err(error)),
    })
}

impl RpcStub {
    /// As [`function`].
    pub fn from_fn<A, F>(function: F) -> RpcStub
    where
        A: FromArguments,
        F: Apply<A, Output: IntoRpc>,
    {
        self::function(function)
    }
}

/// Types that the arguments of a function are decoded to, as a tuple.
pub trait FromArguments: Sized {
    /// Decodes them.
    ///
    /// # Errors
    ///
    /// If one does not fit.
    fn from_arguments(arguments: &mut Arguments<'_>) -> Result<Self, RpcError>;
}

/// A function, with its arguments as a tuple.
pub trait Apply<A>: 'static {
    /// What it returns.
    type Output;
    /// Calls it.
    fn apply(&self, arguments: A) -> Self::Output;
}

/// The target behind the stub of a function.
struct Function<F>(F);

impl<F: Fn(Arguments<'_>) -> Answer + 'static> Function<F> {
    fn stub(run: F) -> RpcStub {
        RpcStub::from_target(Rc::new(Function(run)))
    }
}

impl<F: Fn(Arguments<'_>) -> Answer + 'static> RpcTarget for Function<F> {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn invoke(self: Rc<Self>, arguments: Arguments<'_>) -> Answer {
        (self.0)(arguments)
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }

    fn type_name(&self) -> &'static str {
        "a function"
    }
}

macro_rules! functions {
    ($(($($argument:ident $name:ident),*))*) => {$(
        impl<$($argument: DeserializeOwned),*> FromArguments for ($($argument,)*) {
            fn from_arguments(arguments: &mut Arguments<'_>) -> Result<Self, RpcError> {
                let _ = &arguments;
                Ok(($(arguments.next::<$argument>()?,)*))
            }
        }

        impl<Z, R, $($argument),*> Apply<($($argument,)*)> for Z
        where
            Z: Fn($($argument),*) -> R + 'static,
        {
            type Output = R;

            fn apply(&self, ($($name,)*): ($($argument,)*)) -> R {
                self($($name),*)
            }
        }
    )*};
}

functions! {
    ()
    (A a)
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
}
