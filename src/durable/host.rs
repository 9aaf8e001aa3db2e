use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny};
use serde::ser::{Serialize, Serializer};

/// The Durable Object that a durable target lives in, as a field of it: not part of the saved
/// state, and there again when the target is revived.
///
/// ```
/// use topsail::{Durable, Host, rpc_target};
///
/// struct Room {
///     name: String,
/// }
///
/// #[derive(Durable)]
/// #[durable(kind = "member")]
/// struct Member {
///     room: Host<Room>,
///     name: String,
/// }
///
/// #[rpc_target]
/// impl Member {
///     pub fn place(&self) -> String {
///         format!("{} in {}", self.name, self.room.name)
///     }
/// }
/// ```
pub struct Host<T>(Rc<T>);

thread_local! {
    /// The object whose target is being revived.
    static REVIVING: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// Runs what revives a target of an object.
pub(super) fn reviving<R>(object: Rc<dyn Any>, revive: impl FnOnce() -> R) -> R {
    let before = REVIVING.replace(Some(object));
    let revived = revive();
    REVIVING.replace(before);
    revived
}

impl<T> Clone for Host<T> {
    fn clone(&self) -> Self {
        Host(Rc::clone(&self.0))
    }
}

impl<T> Deref for Host<T> {
    type Target = Rc<T>;

    fn deref(&self) -> &Rc<T> {
        &self.0
    }
}

impl<T> From<Rc<T>> for Host<T> {
    fn from(object: Rc<T>) -> Self {
        Host(object)
    }
}

impl<T> From<&Rc<T>> for Host<T> {
    fn from(object: &Rc<T>) -> Self {
        Host(Rc::clone(object))
    }
}

impl<T> fmt::Debug for Host<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

impl<T> Serialize for Host<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<'de, T: 'static> Deserialize<'de> for Host<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        let object = REVIVING.with_borrow(Clone::clone);
        let object = object.and_then(|object| object.downcast().ok());
        object.map(Host).ok_or_else(|| {
            let name = std::any::type_name::<T>();
            D::Error::custom(format_args!("it is not revived in a Durable Object `{name}`"))
        })
    }
}
