//! The `init` of a request or response: what the constructors of JavaScript take besides the url or
//! body.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::codec::types::literal::Literal;
use crate::codec::types::{Object, Value};
use crate::codec::{MAX_LEVELS, encode, names};
use crate::json::Tape;
use crate::{RpcError, refusal, web};

/// The members that have no field of their own, all plain values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Members(Object);

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a member, if JavaScript's constructor would take it.
    pub(super) fn set(&mut self, name: &str, value: Value) -> Result<(), RpcError> {
        if has_field(name) || !is_plain(&value) || !is_taken(name, &value)? {
            return Err(refusal::type_error("not a member of init: ", &refusal::quoted(name), ""));
        }
        self.0.insert(name, value);
        Ok(())
    }

    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, &Literal(value)))
    }

    /// One that was received.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let Literal(value) = map.next_value::<Literal<Value>>()?;
        if !is_plain(&value) || has_field(&name) {
            return Err(A::Error::custom("not a member of init"));
        }
        self.0.insert(name, value);
        Ok(())
    }
}

fn has_field(name: &str) -> bool {
    matches!(name, "method" | "headers" | "body" | "status" | "statusText")
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_finite(),
        Value::Array(elements) => elements.iter().all(is_plain),
        Value::Object(object) => object.iter().all(|(_, value)| is_plain(value)),
        _ => false,
    }
}

fn is_taken(name: &str, value: &Value) -> Result<bool, RpcError> {
    let (payload, mut tape) = (encode(&Literal(value))?, Tape::default());
    tape.parse(payload.text(), MAX_LEVELS)?;
    Ok(web::is_plain_member(name, tape.view(payload.text())))
}

/// A request or response that reads the members it knows.
pub(super) trait Init {
    /// What is expected, for messages.
    const NAME: &'static str;

    /// Reads a member that has a field, or says that it has none.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;

    fn members(&mut self) -> &mut Members;
}

/// Reads an `init` into what has been read so far.
pub(super) struct InitSeed<'t, T>(pub(super) &'t mut T);

impl<'de, T: Init> DeserializeSeed<'de> for InitSeed<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Init> Visitor<'de> for InitSeed<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the init of {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if !self.0.read(&name, &mut map)? {
                self.0.members().read(name, &mut map)?;
            }
        }
        Ok(())
    }
}

/// An `init` to be written, as an expression.
pub(super) struct Written<T>(pub(super) T);

impl<T: Serialize> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(names::VALUE, &self.0)
    }
}

/// The checked text of a member.
pub(super) fn text<'de, A: MapAccess<'de>>(
    map: &mut A,
    check: impl FnOnce(&str) -> bool,
    expected: &str,
) -> Result<String, A::Error> {
    let text: String = map.next_value()?;
    match check(&text) {
        true => Ok(text),
        false => Err(A::Error::custom(format!("expected {expected}"))),
    }
}
