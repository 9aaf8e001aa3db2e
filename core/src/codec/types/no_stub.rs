use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

use super::Value;

/// A capability where there are none: without the feature `peer` nobody keeps them. It has no
/// values, and none decodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NoStub {}

impl NoStub {
    pub(super) fn into_value(self) -> Value {
        match self {}
    }

    pub(super) fn is_collected(&self) -> bool {
        match *self {}
    }

    pub(super) fn from_hole<E: Error>(_number: u32) -> Result<Self, E> {
        Err(E::custom("a stub can only be received with the feature `peer`"))
    }
}

impl Serialize for NoStub {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for NoStub {
    fn deserialize<D: Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        NoStub::from_hole(0)
    }
}
