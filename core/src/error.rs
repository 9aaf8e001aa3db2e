use std::borrow::Cow;
use std::fmt;

use crate::json::write_str;

/// An error of the application: what a call rejects with. It crosses the wire as an `Error` of
/// JavaScript, with its kind, message, own properties and cause.
///
/// Any type that implements [`std::error::Error`] converts into it with `?`, as an `Error` whose
/// message is the type's `Display` text; nothing else of it is sent. For another kind or more
/// properties, build it: `RpcError::new("RangeError", "…").with_prop("code", &7)`.
///
/// Like `anyhow::Error`, and for the same reason (that conversion), it does not implement
/// [`std::error::Error`] itself; it converts into a boxed one.
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
pub struct RpcError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: Cow<'static, str>,
    message: String,
    stack: Option<String>,
    /// Members of the props object, `"key":expression`, comma separated, capability-free.
    props: String,
}

impl RpcError {
    /// An error of a kind, by the name of its JavaScript class: `Error`, `TypeError`, …
    /// A client that does not know the name makes it an `Error`.
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        RpcError(Box::new(Inner {
            kind: kind.into(),
            message: message.into(),
            stack: None,
            props: String::new(),
        }))
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
        self.0.stack = Some(stack.into());
        self
    }

    /// The error as an expression of the protocol:
    /// `["error", kind, message, stack?, props?]`.
    pub fn to_expression(&self) -> String {
        let mut out = String::from("[\"error\",");
        write_str(&mut out, &self.0.kind);
        out.push(',');
        write_str(&mut out, &self.0.message);
        match (&self.0.stack, self.0.props.is_empty()) {
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

    /// The members of the props object as text: `"key":expression`, comma separated.
    pub(crate) fn props(&self) -> &str {
        &self.0.props
    }

    /// Adds a member to the props. `expression` must be one of the protocol, without capabilities.
    pub(crate) fn push_prop(&mut self, key: &str, expression: &str) {
        let props = &mut self.0.props;
        if !props.is_empty() {
            props.push(',');
        }
        write_str(props, key);
        props.push(':');
        props.push_str(expression);
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

impl RpcError {
    /// What an expression throws.
    pub(crate) fn from_view(view: crate::json::View<'_>) -> Self {
        let mut parts = view.elements();
        match (parts.next().and_then(crate::json::View::as_str).as_deref(), parts.next(), parts.next()) {
            (Some("error"), Some(kind), Some(message)) => {
                let text = |view: crate::json::View<'_>| view.as_str().unwrap_or_default().into_owned();
                let mut error = RpcError::new(text(kind), text(message));
                error.0.stack = parts.next().and_then(|view| view.as_str().map(|text| text.into_owned()));
                for (key, value) in parts.next().into_iter().flat_map(crate::json::View::members) {
                    error.push_prop(&text(key), value.raw());
                }
                error
            }
            _ => RpcError::error(view.as_str().map_or_else(|| view.raw().to_owned(), |text| text.into_owned())),
        }
    }
}
