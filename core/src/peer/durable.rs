//! Targets that outlive memory.

use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Outgoing, RpcTarget, incoming, slots};
use crate::RpcError;

/// A target that outlives the memory it is in: it is saved by its kind and its state, and revived
/// from them. `#[derive(Durable)]` writes this.
///
/// It is not `Serialize` itself, because a target is sent by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no durable target",
    label = "not under `#[derive(Durable)]`",
    note = "put `#[derive(Durable)]` and `#[durable(kind = \"…\")]` on the type"
)]
pub trait Durable: RpcTarget + Sized {
    /// The name of the type in saved sessions: it must stay the same for as long as they may
    /// come back.
    const KIND: &'static str;

    /// Writes the state.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    fn save_state<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Makes a target of its state.
    ///
    /// # Errors
    ///
    /// If the state does not fit.
    fn revive_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A [`Durable`] target of any type.
pub trait DurableTarget {
    /// [`Durable::KIND`].
    fn kind(&self) -> &'static str;

    /// The state.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    fn save(&self) -> Result<Outgoing, RpcError>;
}

impl<T: Durable> DurableTarget for T {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn save(&self) -> Result<Outgoing, RpcError> {
        slots::encode(&State(self))
    }
}

/// Makes a target of its state.
///
/// # Errors
///
/// A `TypeError` if the state does not fit the type, as may happen after a deploy.
pub fn revive<T: Durable>(state: Outgoing) -> Result<Rc<dyn RpcTarget>, RpcError> {
    match incoming::decode::<Revived<T>>(state) {
        Ok(Revived(target)) => Ok(Rc::new(target)),
        Err(error) => Err(RpcError::type_error(format!(
            "the saved state of a `{}` does not fit any more: {}",
            T::KIND,
            error.message()
        ))),
    }
}

struct State<'a, T>(&'a T);

impl<T: Durable> Serialize for State<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.save_state(serializer)
    }
}

struct Revived<T>(T);

impl<'de, T: Durable> Deserialize<'de> for Revived<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::revive_state(deserializer).map(Revived)
    }
}

/// Asks whether a type is durable: a method call on a reference to it finds [`IsDurable`] first,
/// where that holds, and [`IsNotDurable`] otherwise.
pub struct Probe<'a, T>(pub &'a T);

/// See [`Probe`].
pub trait IsDurable<'a> {
    /// The target as a durable one.
    fn as_durable(&self) -> Option<&'a dyn DurableTarget>;
}

impl<'a, T: Durable> IsDurable<'a> for Probe<'a, T> {
    fn as_durable(&self) -> Option<&'a dyn DurableTarget> {
        Some(self.0)
    }
}

/// See [`Probe`].
pub trait IsNotDurable<'a> {
    /// Nothing.
    fn as_durable(&self) -> Option<&'a dyn DurableTarget>;
}

impl<'a, T> IsNotDurable<'a> for &Probe<'a, T> {
    fn as_durable(&self) -> Option<&'a dyn DurableTarget> {
        None
    }
}
