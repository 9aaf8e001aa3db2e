use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::literal::Literal;
use crate::codec::names;
use crate::{RpcError, web};

/// The `Headers` of JavaScript's Fetch API: pairs of name and value in order, names in any case
/// alike.
///
/// A name may be there more than once, as `set-cookie` is. [`get`](Self::get) joins the values of
/// one, as JavaScript's does.
///
/// In other formats it is a list of pairs.
///
/// ```
/// use topsail_core::Headers;
///
/// let mut headers = Headers::new();
/// headers.append("Accept", "text/html")?;
/// headers.append("accept", "text/plain")?;
/// assert_eq!(headers.get("ACCEPT").as_deref(), Some("text/html, text/plain"));
/// headers.set("accept", "*/*")?;
/// let payload = topsail_core::codec::encode(&headers)?;
/// assert_eq!(payload.text(), r#"["headers",[["accept","*/*"]]]"#);
/// assert!(headers.append("accept", "two\nlines").is_err());
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Headers::default()
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a header; several are joined by `", "`.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut values = self.get_all(name);
        let mut joined = values.next()?.to_owned();
        for value in values {
            joined.push_str(", ");
            joined.push_str(value);
        }
        Some(joined)
    }

    /// Each value of a header, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_it = move |pair: &&(String, String)| pair.0.eq_ignore_ascii_case(name);
        self.0.iter().filter(is_it).map(|(_, value)| value.as_str())
    }

    /// Whether there is a header of a name.
    pub fn contains(&self, name: &str) -> bool {
        self.get_all(name).next().is_some()
    }

    /// One more pair, at the end. The name becomes lower case, white space around the value goes.
    ///
    /// # Errors
    ///
    /// A `TypeError` if the name is no token of HTTP, or if there is a line break or NUL in the
    /// value. The pairs stay as they were.
    pub fn append(&mut self, name: &str, value: &str) -> Result<(), RpcError> {
        self.0.push(pair(name, value)?);
        Ok(())
    }

    /// Puts a value in place of all that the header had.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), RpcError> {
        let pair = pair(name, value)?;
        self.remove(name);
        self.0.push(pair);
        Ok(())
    }

    /// Takes all pairs of a name out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// The pairs, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The headers of pairs.
    ///
    /// ```
    /// use topsail_core::Headers;
    ///
    /// let headers = Headers::from_pairs([("x-test", "1"), ("accept", "*/*")])?;
    /// assert_eq!(headers.len(), 2);
    /// # Ok::<(), topsail_core::RpcError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append).
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, RpcError> {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.append(name.as_ref(), value.as_ref())?;
        }
        Ok(headers)
    }

    /// The pairs as they stand in the `init` of a request or response.
    pub(super) fn literal(&self) -> Literal<&[(String, String)]> {
        Literal(&self.0)
    }
}

fn pair(name: &str, value: &str) -> Result<(String, String), RpcError> {
    if !web::is_token(name) {
        return Err(RpcError::type_error("invalid name of a header"));
    }
    if !web::is_header_value(value) {
        return Err(RpcError::type_error("invalid value of a header"));
    }
    Ok((name.to_ascii_lowercase(), web::trimmed(value).to_owned()))
}

impl IntoIterator for Headers {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::HEADERS, &self.literal())
    }
}

impl<'de> Deserialize<'de> for Headers {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::HEADERS, HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Headers, A::Error> {
        let mut headers = Headers::new();
        while let Some((name, value)) = pairs.next_element::<(String, String)>()? {
            let appended = headers.append(&name, &value);
            appended.map_err(|error| A::Error::custom(error.message()))?;
        }
        Ok(headers)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Headers, D::Error> {
        inner.deserialize_seq(self)
    }
}

/// Headers in the `init` of a request or response: a plain list of pairs.
#[derive(Default)]
pub(super) struct Pairs(pub(super) Headers);

impl<'de> Deserialize<'de> for Pairs {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::LITERAL, HeadersVisitor).map(Pairs)
    }
}
