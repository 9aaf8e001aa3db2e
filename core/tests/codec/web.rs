//! Forms of the protocol that other crates make types for: `FORM` and `LITERAL`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use topsail_core::Bytes;
use topsail_core::codec::names::{FORM, LITERAL};

#[derive(Debug, PartialEq)]
struct Literal<T>(T);

impl<T: Serialize> Serialize for Literal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(LITERAL, &self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Literal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Inner<T> {
            type Value = Literal<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("plain JSON")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                inner: D,
            ) -> Result<Literal<T>, D::Error> {
                T::deserialize(inner).map(Literal)
            }
        }
        deserializer.deserialize_newtype_struct(LITERAL, Inner(std::marker::PhantomData))
    }
}

type Pairs = Literal<Vec<(String, String)>>;

/// `["response", body, init]`
#[derive(Debug, PartialEq)]
struct Response {
    body: Option<Bytes>,
    init: Init,
}

#[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
struct Init {
    status: u16,
    headers: Pairs,
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(FORM, &("response", &self.body, &self.init))
    }
}

impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Response;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a response")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Response, A::Error> {
                let mut missing = || serde::de::Error::custom("too short");
                assert_eq!(parts.next_element()?, Some("response"));
                let body = parts.next_element()?.ok_or_else(&mut missing)?;
                let init = parts.next_element()?.ok_or_else(missing)?;
                Ok(Response { body, init })
            }
        }
        deserializer.deserialize_newtype_struct(FORM, Parts)
    }
}

#[test]
fn a_form_with_literal_parts() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let text = r#"["response",["bytes","AQ"],{"status":200,"headers":[["a","b"],["c","d"]]}]"#;
    let headers = Literal(vec![pair("a", "b"), pair("c", "d")]);
    let init = Init { status: 200, headers };
    super::same(text, Response { body: Some(Bytes(vec![1])), init });
    let text = r#"["response",null,{"status":204,"headers":[["export","1"]]}]"#;
    let init = Init { status: 204, headers: Literal(vec![pair("export", "1")]) };
    super::same(text, Response { body: None, init });
    super::misfit::<Response>("[[1]]", "expected a response, found an array");
    super::misfit::<Response>("null", "expected a response, found null");
}

#[test]
fn literal_arrays_nest() {
    super::same("[[1],[[2]],[]]", Literal((vec![1], vec![vec![2]], Vec::<u8>::new())));
    // Behind the literal, arrays are escaped again.
    super::same("[[[1],[[2]]]]", (Literal([1]), [2]));
}
