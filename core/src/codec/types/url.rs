use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use crate::RpcError;
use crate::codec::names;

/// A `URL` of JavaScript, as text.
///
/// Receivers parse the text with JavaScript's `URL`, and the npm package `capnweb` 0.12.0 ends the
/// session if that fails. [`Url::parse`] therefore refuses what is no absolute URL; it is not a
/// parser of URLs, and normalizes nothing.
///
/// In other formats it is a string.
///
/// ```
/// use topsail_core::Url;
///
/// let url = Url::parse("https://example.com/path?q=1")?;
/// let text = r#"["url","https://example.com/path?q=1"]"#;
/// assert_eq!(topsail_core::codec::encode(&url)?.text(), text);
/// assert!(Url::parse("example.com").is_err());
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url(Box<str>);

/// The schemes whose URLs must have a host.
const WITH_HOST: [&str; 5] = ["http", "https", "ws", "wss", "ftp"];

impl Url {
    /// Takes the text of an absolute URL.
    ///
    /// # Errors
    ///
    /// A `TypeError` if there is no scheme, or if it is one of the web's and the host or port is
    /// missing or malformed.
    pub fn parse(text: impl Into<String>) -> Result<Self, RpcError> {
        let text = text.into();
        if is_absolute(&text) {
            Ok(Url(text.into_boxed_str()))
        } else {
            Err(RpcError::type_error("invalid URL"))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[inline(never)]
fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !is_scheme {
        return false;
    }
    !WITH_HOST.iter().any(|name| scheme.eq_ignore_ascii_case(name)) || has_host(rest)
}

fn has_host(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (host, ""),
    };
    is_host(host) && (port.is_empty() || is_port(port))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let is_of_address =
            |letter: char| letter.is_ascii_hexdigit() || matches!(letter, ':' | '.');
        return address
            .strip_suffix(']')
            .is_some_and(|text| text.contains(':') && text.chars().all(is_of_address));
    }
    !host.is_empty() && !host.chars().any(is_forbidden)
}

fn is_forbidden(letter: char) -> bool {
    letter.is_control()
        || u8::try_from(letter).is_ok_and(|letter| b" \"#%/:<>?@[\\]^`{|}".contains(&letter))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::URL, &*self.0)
    }
}

impl<'de> Deserialize<'de> for Url {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(names::URL, UrlVisitor)
    }
}

struct UrlVisitor;

impl<'de> serde::de::Visitor<'de> for UrlVisitor {
    type Value = Url;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a URL")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Url, D::Error> {
        let text = String::deserialize(inner)?;
        Url::parse(text).map_err(|error| serde::de::Error::custom(error.message()))
    }
}
