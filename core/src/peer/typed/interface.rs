use std::convert::Infallible;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::RpcError;
use crate::peer::{Answer, Arguments, Outgoing, Property, RpcTarget};

/// What an object on the other side of a session can do. `#[rpc_interface]` implements it for
/// `dyn Trait`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no RPC interface",
    label = "not under `#[rpc_interface]`",
    note = "put `#[rpc_interface]` on the trait"
)]
pub trait Interface {
    /// A function for each method, which a target fills in.
    #[doc(hidden)]
    type Methods<T: 'static>;

    /// Calls a method of a target, by its name on the wire.
    #[doc(hidden)]
    fn call<T: Serves<Self>>(target: Rc<T>, method: &str, arguments: Arguments<'_>) -> Answer;

    /// Calls the target itself.
    #[doc(hidden)]
    fn invoke<T: Serves<Self>>(_target: Rc<T>, _arguments: Arguments<'_>) -> Answer {
        Answer::Ready(Err(RpcError::type_error("the target is not a function.")))
    }

    /// Reads a property of a target.
    #[doc(hidden)]
    fn get<T: Serves<Self>>(target: Rc<T>, property: &str) -> Property;
}

/// A target that serves an interface, `Serves<dyn Trait>`: with
/// `#[rpc_target] impl Trait for Type`, and only so.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve the interface `{I}`",
    label = "does not serve it",
    note = "`#[rpc_target] impl Interface for {Self} {{ … }}` makes it serve one"
)]
pub trait Serves<I: Interface + ?Sized>: RpcTarget + Sized {
    /// The functions behind the methods.
    #[doc(hidden)]
    const METHODS: I::Methods<Self>;
}

/// An argument that a method takes as the interface says it.
#[diagnostic::on_unimplemented(
    message = "the interface says `{T}` where this method takes `{Self}`",
    label = "the interface says `{T}`"
)]
pub trait Given<T> {
    /// The same argument.
    fn given(argument: T) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> Given<T> for T {
    fn given(argument: T) -> T {
        argument
    }
}

/// A second impl for every type, so that the compiler compares the two types instead of inferring
/// one from the other, and reports a difference with the words above.
pub struct Other<T>(Infallible, PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T> Given<Other<T>> for T {
    fn given(never: Other<T>) -> T {
        match never.0 {}
    }
}

/// Passes an argument from the interface to the method.
pub fn given<T: Given<U>, U>(argument: U) -> T {
    T::given(argument)
}

/// The encoded result of a method of which an interface says that it gives a `T`.
pub struct Typed<T> {
    result: Result<Outgoing, RpcError>,
    marker: PhantomData<fn() -> T>,
}

impl<T> Typed<T> {
    /// A result that was checked to be a `T`.
    pub(super) fn new(result: Result<Outgoing, RpcError>) -> Self {
        Typed { result, marker: PhantomData }
    }
}

/// The answer of a method of which an interface says that it gives a `T`.
pub struct Reply<T> {
    answer: Answer,
    marker: PhantomData<fn() -> T>,
}

impl<T: 'static> Reply<T> {
    /// The result of a sync method.
    pub fn ready(typed: Typed<T>) -> Self {
        Reply { answer: Answer::Ready(typed.result), marker: PhantomData }
    }

    /// The result of an async method.
    pub fn pending(future: impl Future<Output = Typed<T>> + 'static) -> Self {
        let answer = Answer::Pending(Box::pin(async move { future.await.result }));
        Reply { answer, marker: PhantomData }
    }

    /// The answer, without its type.
    pub fn into_answer(self) -> Answer {
        self.answer
    }
}
