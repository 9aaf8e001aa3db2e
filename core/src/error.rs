use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{self, text};
use crate::json::{View, write_str};

/// An error of the application: what a call rejects with. It crosses the wire as an `Error` of
/// JavaScript, with its kind, message, own properties and cause.
///
/// Any type that implements [`std::error::Error`] converts into it with `?`, as an `Error` whose
/// message is the type's `Display` text; nothing else of it is sent. For another kind or more
/// properties, build it: `RpcError::new("RangeError", "…").with_prop("code", &7)`. A type of your own
/// that is to convert so with `?` implements `From` for `RpcError`, and for that not
/// [`std::error::Error`]:
///
/// ```
/// use topsail_core::RpcError;
///
/// enum StoreError {
///     Busy { seconds: u32 },
/// }
///
/// impl From<StoreError> for RpcError {
///     fn from(error: StoreError) -> Self {
///         match error {
///             StoreError::Busy { seconds } => {
///                 RpcError::range_error("busy").with_prop("retryAfter", &seconds)
///             }
///         }
///     }
/// }
///
/// fn get() -> Result<u32, RpcError> {
///     Err(StoreError::Busy { seconds: 3 })?
/// }
/// assert_eq!(get().unwrap_err().prop("retryAfter"), Some(3));
/// ```
///
/// Like `anyhow::Error`, and for the same reason (that conversion), it does not implement
/// [`std::error::Error`] itself; it converts into a boxed one.
///
/// A clone shares what is inside: it costs the same for errors of any length.
///
/// It is a value too, for arguments and results. In other serde formats it is a map of `name`,
/// `message`, and where present `stack` and `props`, the latter as text of the protocol.
///
/// ```
/// use topsail_core::RpcError;
///
/// fn parse(text: &str) -> Result<u32, RpcError> {
///     Ok(text.parse::<u32>()?)
/// }
/// let error = parse("x").unwrap_err();
/// assert_eq!((error.kind(), error.message()), ("Error", "invalid digit found in string"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RpcError(Arc<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: Cow<'static, str>,
    message: String,
    stack: Option<String>,
    /// Whether the stack is our own side's, to be sent.
    is_stack_sent: bool,
    /// Members of the props object, `"key":expression`, comma separated, capability-free.
    props: String,
    /// The expression that the peer rejected with, if it was no error.
    thrown: Option<String>,
}

/// All of an error, borrowed, to be saved and read again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) kind: &'a str,
    pub(crate) message: &'a str,
    /// The stack, and whether it is to be sent.
    pub(crate) stack: Option<(&'a str, bool)>,
    /// Members of the props object.
    pub(crate) props: &'a str,
    /// The expression that the peer rejected with, if it was no error.
    pub(crate) thrown: Option<&'a str>,
}

/// The deepest nesting of a property in JSON: with the error and its props around it, a receiver
/// of 256 levels takes it.
const MAX_PROP_LEVELS: usize = 250;

impl RpcError {
    /// An error of a kind, by the name of its JavaScript class: `Error`, `TypeError`, …
    /// A client that does not know the name makes it an `Error`, and does not say what the name was:
    /// errors of your own are told apart by a [property](Self::with_prop).
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        RpcError(Arc::new(Inner {
            kind: kind.into(),
            message: message.into(),
            stack: None,
            is_stack_sent: false,
            props: String::new(),
            thrown: None,
        }))
    }

    /// The inside, to be changed: a copy of it if others share it.
    #[inline(never)]
    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// An error that a peer sent. `props` are members as [`text::error_props`] gives them.
    pub(crate) fn received(
        kind: String,
        message: String,
        stack: Option<String>,
        props: String,
    ) -> Self {
        let mut error = Self::new(kind, message);
        let inner = error.inner();
        (inner.stack, inner.props) = (stack, props);
        error
    }

    /// What a peer threw that is no error.
    pub(crate) fn thrown(message: String, expression: Option<String>) -> Self {
        let mut error = Self::error(message);
        error.inner().thrown = expression;
        error
    }

    /// The error of its parts, whose expressions have been checked.
    pub(crate) fn from_parts(parts: Parts<'_>) -> Self {
        let mut error = Self::new(parts.kind.to_owned(), parts.message);
        let inner = error.inner();
        if let Some((stack, is_sent)) = parts.stack {
            (inner.stack, inner.is_stack_sent) = (Some(stack.to_owned()), is_sent);
        }
        inner.props = parts.props.to_owned();
        inner.thrown = parts.thrown.map(str::to_owned);
        error
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts {
            kind: self.kind(),
            message: self.message(),
            stack: self.stack().map(|stack| (stack, self.0.is_stack_sent)),
            props: self.props(),
            thrown: self.0.thrown.as_deref(),
        }
    }

    /// An `Error`.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new("Error", message)
    }

    /// A `TypeError`: a value or an access that does not fit.
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new("TypeError", message)
    }

    /// A `RangeError`: a value of the right type out of its range.
    pub fn range_error(message: impl Into<String>) -> Self {
        Self::new("RangeError", message)
    }

    /// The name of the JavaScript class.
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The stack, if the sender sent it. Topsail sends none unless
    /// [`with_stack`](Self::with_stack) put one there.
    pub fn stack(&self) -> Option<&str> {
        self.0.stack.as_deref()
    }

    /// Adds a stack, which is then sent.
    #[must_use]
    pub fn with_stack(mut self, stack: impl Into<String>) -> Self {
        let inner = self.inner();
        inner.stack = Some(stack.into());
        inner.is_stack_sent = true;
        inner.thrown = None;
        self
    }

    /// Adds a property, or replaces it.
    ///
    /// The error itself always gets through, so a property is left out if it cannot: a value that
    /// cannot be encoded or that holds capabilities, one nested about 250 levels deep, and the
    /// names that receivers skip (`name`, `message`, `stack`, and those of `Object.prototype`).
    ///
    /// ```
    /// use topsail_core::RpcError;
    ///
    /// let error = RpcError::type_error("no").with_prop("code", &7);
    /// assert_eq!(error.to_expression(), r#"["error","TypeError","no",null,{"code":7}]"#);
    /// assert_eq!(error.prop::<u8>("code"), Some(7));
    /// ```
    #[must_use]
    pub fn with_prop<T: ?Sized + Serialize>(mut self, key: &str, value: &T) -> Self {
        if let Ok(payload) = codec::encode(value)
            && !payload.has_caps()
        {
            self.push_prop(key, payload.text());
        }
        self
    }

    /// Adds the error that this one was caused by, as JavaScript's `cause`.
    #[must_use]
    pub fn with_cause(mut self, cause: RpcError) -> Self {
        self.push_prop("cause", &cause.to_expression());
        self
    }

    /// Adds several errors, as an `AggregateError` of JavaScript has them in `errors`.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = RpcError>) -> Self {
        let errors: Vec<String> = errors.into_iter().map(|error| error.to_expression()).collect();
        self.push_prop("errors", &format!("[[{}]]", errors.join(",")));
        self
    }

    /// A property, if there is one of this name and it is a `T`.
    pub fn prop<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.read_prop(key, |view| codec::decode(view, &[]).ok()).flatten()
    }

    /// The error that this one was caused by. A cause of another type becomes an error as
    /// [`from_view`](Self::from_view) says.
    pub fn cause(&self) -> Option<RpcError> {
        self.read_prop("cause", RpcError::from_view)
    }

    /// The errors of an `AggregateError`; none for others.
    pub fn errors(&self) -> Vec<RpcError> {
        let read = |view: View<'_>| match view.escaped_array() {
            Some(array) => array.elements().map(RpcError::from_view).collect(),
            None => Vec::new(),
        };
        self.read_prop("errors", read).unwrap_or_default()
    }

    /// The error as an expression of the protocol:
    /// `["error", kind, message, stack?, props?]`.
    pub fn to_expression(&self) -> String {
        if let Some(thrown) = &self.0.thrown {
            return thrown.clone();
        }
        let mut out = String::from("[\"error\",");
        write_str(&mut out, &self.0.kind);
        out.push(',');
        write_str(&mut out, &self.0.message);
        match (self.sent_stack(), self.0.props.is_empty()) {
            (None, true) => {}
            (None, false) => out.push_str(",null"),
            (Some(stack), _) => {
                out.push(',');
                write_str(&mut out, stack);
            }
        }
        if !self.0.props.is_empty() {
            out.push_str(",{");
            out.push_str(&self.0.props);
            out.push('}');
        }
        out.push(']');
        out
    }

    /// The stack, if it is to be sent.
    pub(crate) fn sent_stack(&self) -> Option<&str> {
        self.stack().filter(|_| self.0.is_stack_sent)
    }

    /// How many bytes the error's texts have, each clone of it counted as if it had its own.
    pub(crate) fn text_bytes(&self) -> usize {
        let Parts { kind, message, stack, props, thrown } = self.parts();
        let stack = stack.map_or("", |(stack, _)| stack);
        let texts = [kind, message, stack, props, thrown.unwrap_or_default()];
        texts.iter().map(|text| text.len()).sum()
    }

    /// The members of the props object as text: `"key":expression`, comma separated.
    pub(crate) fn props(&self) -> &str {
        &self.0.props
    }

    /// Adds a member to the props, unless it is one that receivers skip or too deep. `expression`
    /// must be one of the protocol, without capabilities.
    pub(crate) fn push_prop(&mut self, key: &str, expression: &str) {
        if !text::is_error_prop(key) || crate::normal::bracket_levels(expression) > MAX_PROP_LEVELS
        {
            return;
        }
        let others = self.with_props(|props| text::members_without(props, key));
        let inner = self.inner();
        if let Some(others) = others {
            inner.props = others;
        }
        text::push_member(&mut inner.props, key, expression);
        inner.thrown = None;
    }

    fn read_prop<R>(&self, key: &str, read: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let find = |props: View<'_>| {
            let is_it = |name: &View<'_>| name.as_str().is_some_and(|name| name == key);
            props.members().filter(|(name, _)| is_it(name)).last().map(|(_, value)| read(value))
        };
        self.with_props(find).flatten()
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.0.message)
    }
}

impl fmt::Debug for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_expression())
    }
}

impl<E: std::error::Error> From<E> for RpcError {
    fn from(error: E) -> Self {
        RpcError::error(error.to_string())
    }
}

/// An [`RpcError`] in a box, where `std::error::Error` is wanted.
#[derive(Debug)]
struct Boxed(RpcError);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Boxed {}

impl From<RpcError> for Box<dyn std::error::Error + Send + Sync> {
    fn from(error: RpcError) -> Self {
        Box::new(Boxed(error))
    }
}
