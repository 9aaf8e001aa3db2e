use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use super::Value;

/// The properties of a [`Value::Object`], in order.
///
/// A peer may send a property twice, though no JavaScript does. Both are kept, and the last counts,
/// as for `JSON.parse`.
///
/// ```
/// use topsail_core::Value;
/// use topsail_core::codec::Object;
///
/// let mut object = Object::new();
/// object.insert("name", "Ada");
/// object.insert("id", 1);
/// assert_eq!(object.get("id"), Some(&Value::Number(1.0)));
/// assert_eq!(topsail_core::codec::encode(&object)?.text(), r#"{"name":"Ada","id":1}"#);
/// # Ok::<(), topsail_core::RpcError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// No properties.
    pub fn new() -> Self {
        Object::default()
    }

    /// The number of properties.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a property.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets a property and gives what it was. A new one goes to the end.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().rev().find(|(name, _)| *name == key) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    /// Takes a property out and gives its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let mut removed = None;
        while let Some(at) = self.0.iter().rposition(|(name, _)| name == key) {
            let (_, value) = self.0.remove(at);
            removed = removed.or(Some(value));
        }
        removed
    }

    /// The properties, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Object(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Object {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        match members.next_key()? {
            Some(key) => Object::starting_with(key, members),
            None => Ok(Object::new()),
        }
    }
}

impl Object {
    /// The members of which the first key has been read.
    pub(super) fn starting_with<'de, A: MapAccess<'de>>(
        first: String,
        mut members: A,
    ) -> Result<Object, A::Error> {
        let mut entries = vec![(first, members.next_value()?)];
        while let Some(entry) = members.next_entry()? {
            entries.push(entry);
        }
        Ok(Object(entries))
    }
}

/// A key as it comes out of serde's buffers: that of an object, or the mark of a capability.
pub(crate) enum MemberKey {
    Name(String),
    Hole,
}

impl<'de> Deserialize<'de> for MemberKey {
    #[inline(never)]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberKeyVisitor)
    }
}

struct MemberKeyVisitor;

impl Visitor<'_> for MemberKeyVisitor {
    type Value = MemberKey;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<MemberKey, E> {
        Ok(MemberKey::Name(name.to_owned()))
    }

    fn visit_string<E: Error>(self, name: String) -> Result<MemberKey, E> {
        Ok(MemberKey::Name(name))
    }

    fn visit_unit<E: Error>(self) -> Result<MemberKey, E> {
        Ok(MemberKey::Hole)
    }
}
