//! What the attributes say, as plain data: read by [`read`](crate::read), checked by
//! [`validate`](crate::validate), written out by [`expand`](crate::expand).

use proc_macro2::Span;
use syn::{Attribute, Generics, Ident, ItemImpl, LitStr, Path, Type, Visibility};

use crate::attributes::DefaultValue;
use crate::names::Rename;

/// What stands in the parentheses of `#[rpc_target(…)]` and `#[rpc_interface(…)]`.
pub(crate) struct Options {
    pub(crate) rename: Rename,
    /// Where the crate `topsail` is.
    pub(crate) krate: Path,
}

/// `#[rpc_target] impl Type` or `#[rpc_target] impl Interface for Type`.
pub(crate) struct Target {
    pub(crate) options: Options,
    /// The block without our attributes; for an interface without the interface.
    pub(crate) item: ItemImpl,
    /// The block's generics, every type parameter `'static`.
    pub(crate) generics: Generics,
    /// Its type borrows, or is none that can have methods: nothing can be made of it.
    pub(crate) is_hopeless: bool,
    pub(crate) self_type: Type,
    pub(crate) interface: Option<Path>,
    pub(crate) methods: Vec<Method>,
}

/// `#[rpc_interface] trait Name`.
pub(crate) struct Interface {
    pub(crate) options: Options,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) methods: Vec<Method>,
}

/// Where a method stands. The rules differ a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a target's own block.
    Target,
    /// In a block that serves an interface: the interface has the names and kinds.
    Served,
    /// In an interface.
    Interface,
}

pub(crate) struct Method {
    pub(crate) name: Ident,
    pub(crate) wire: Wire,
    pub(crate) kind: Kind,
    pub(crate) receiver: Receiver,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Output,
    /// `#[cfg]`: goes with everything made of the method.
    pub(crate) cfgs: Vec<Attribute>,
    /// The other attributes, which an interface keeps.
    pub(crate) attributes: Vec<Attribute>,
}

/// A name on the wire, and the tokens that chose it.
pub(crate) struct Wire {
    pub(crate) name: String,
    pub(crate) written: Option<LitStr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Method,
    /// Read as a property.
    Getter,
    /// Runs when the target itself is called as a function.
    Call,
}

/// How a method takes its target, which the dispatcher has in an `Rc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// `&self` or `self: &Rc<Self>`.
    Lent,
    /// `self: Rc<Self>`.
    Owned,
}

pub(crate) struct Parameter {
    /// As written, for the signatures of an interface; elsewhere `argument_N`.
    pub(crate) name: Ident,
    /// Where it is written.
    pub(crate) span: Span,
    pub(crate) value: Value,
    pub(crate) lend: Lend,
    pub(crate) mode: Mode,
}

/// What is decoded for a parameter.
pub(crate) enum Value {
    Type(Box<Type>),
    /// A string, borrowed from the message where it can be.
    Text,
    OptionalText,
    Bytes,
}

/// How the decoded value gets into the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lend {
    Move,
    /// `&value`
    Reference,
    /// `value.as_deref()`
    OptionalReference,
    /// `value.into()`
    Into,
}

pub(crate) enum Mode {
    Plain,
    /// Absent, `undefined` or `null` gives this, or the type's `Default`.
    Default(Box<DefaultValue>),
    /// All that remain.
    Rest(Box<Type>),
}

pub(crate) enum Output {
    Unit,
    Value {
        /// As written.
        written: Box<Type>,
        /// The `T` of a `Result<T, E>` or `RpcPromise<T>`, otherwise the whole.
        value: Box<Type>,
    },
}
