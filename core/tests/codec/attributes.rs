//! Serde's attributes and its four ways to write an enum.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use topsail_core::Date;

use super::{misfit, reads, same};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_name: String,
    #[serde(rename = "e-mail", alias = "email")]
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<u8>,
    #[serde(default = "seven")]
    level: u8,
    #[serde(skip)]
    cached: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Date>,
}

fn seven() -> u8 {
    7
}

fn account() -> Account {
    Account { user_name: String::from("a"), address: String::from("b"), level: 1, ..<_>::default() }
}

#[test]
fn fields() {
    let plain = r#"{"userName":"a","e-mail":"b","level":1}"#;
    same(plain, account());
    same(
        r#"{"userName":"a","e-mail":"b","nick":"c","tags":[[1]],"level":1,"at":["date",5]}"#,
        Account {
            nick: Some(String::from("c")),
            tags: vec![1],
            rest: BTreeMap::from([(String::from("at"), Date::from_millis(5.0))]),
            ..account()
        },
    );
    same(&format!("[[{plain},{plain}]]"), vec![account(), account()]);
    reads(r#"{"userName":"a","email":"b"}"#, Account { level: 7, ..account() });
    for nick in ["null", r#"["undefined"]"#] {
        let text = format!(r#"{{"userName":"a","e-mail":"b","nick":{nick},"level":1}}"#);
        reads(&text, account());
    }
}

#[test]
fn fields_that_do_not_fit() {
    misfit::<Account>("{}", "userName: missing");
    misfit::<Account>(r#"{"userName":"a"}"#, "[\"e-mail\"]: missing");
    misfit::<Account>(r#"{"e-mail":5}"#, "[\"e-mail\"]: expected a string, found a number");
    misfit::<Account>(r#"{"tags":null}"#, "tags: expected an array, found null");
    misfit::<Account>(
        r#"{"userName":"a","email":"b","more":"c"}"#,
        "expected a number, found a string",
    );
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, Date),
    Struct { at: Date },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Internal {
    Unit,
    Newtype(Point),
    Struct { at: Date },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(u8),
    Tuple(u8, Date),
    Struct { at: Date },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Newtype(u8),
    Tuple(u8, Date),
    Struct { at: Date },
    Unit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: u8,
}

/// Alone, in an array, and in an object.
fn rows<T: Clone + Serialize + DeserializeOwned + PartialEq + Debug>(rows: &[(&str, T)]) {
    for (text, value) in rows {
        same(text, value.clone());
        same(&format!("[[{text},{text}]]"), vec![value.clone(), value.clone()]);
        let object = BTreeMap::from([(String::from("k"), value.clone())]);
        same(&format!(r#"{{"k":{text}}}"#), object);
    }
}

#[test]
fn enums_in_four_ways() {
    let at = Date::from_millis(5.0);
    rows(&[
        ("\"Unit\"", External::Unit),
        (r#"{"Newtype":1}"#, External::Newtype(1)),
        (r#"{"Tuple":[[1,["date",5]]]}"#, External::Tuple(1, at)),
        (r#"{"Struct":{"at":["date",5]}}"#, External::Struct { at }),
    ]);
    rows(&[
        (r#"{"t":"Unit"}"#, Internal::Unit),
        (r#"{"t":"Newtype","x":1}"#, Internal::Newtype(Point { x: 1 })),
        (r#"{"t":"Struct","at":["date",5]}"#, Internal::Struct { at }),
    ]);
    rows(&[
        (r#"{"t":"Unit"}"#, Adjacent::Unit),
        (r#"{"t":"Newtype","c":1}"#, Adjacent::Newtype(1)),
        (r#"{"t":"Tuple","c":[[1,["date",5]]]}"#, Adjacent::Tuple(1, at)),
        (r#"{"t":"Struct","c":{"at":["date",5]}}"#, Adjacent::Struct { at }),
    ]);
    rows(&[
        ("1", Untagged::Newtype(1)),
        (r#"[[1,["date",5]]]"#, Untagged::Tuple(1, at)),
        (r#"{"at":["date",5]}"#, Untagged::Struct { at }),
        (r#"["undefined"]"#, Untagged::Unit),
    ]);
    reads("null", Untagged::Unit);
    // What no value carries is skipped here too.
    reads(r#"{"toJSON":0,"Newtype":1}"#, External::Newtype(1));
    reads(r#"{"Newtype":1,"__proto__":{}}"#, External::Newtype(1));
    reads(r#"{"at":["date",5],"t":"Struct"}"#, Internal::Struct { at });
    reads(r#"{"c":[[1,["date",5]]],"t":"Tuple"}"#, Adjacent::Tuple(1, at));
}

#[test]
fn enums_that_do_not_fit() {
    let variants = r#"expected one of "Unit", "Newtype", "Tuple", "Struct", found"#;
    misfit::<External>("5", &format!("{variants} a number"));
    misfit::<External>(r#"{"Else":5}"#, &format!(r#"{variants} "Else""#));
    misfit::<External>(
        r#"{"Tuple":[[1]]}"#,
        "Tuple: expected an array of 2 elements, found 1 element",
    );
    misfit::<External>(r#"{"Struct":{}}"#, "Struct.at: missing");
    misfit::<Internal>("5", "expected internally tagged enum Internal, found a number");
    misfit::<Internal>("{}", "t: missing");
    misfit::<Internal>(
        r#"{"t":"Else"}"#,
        r#"t: expected one of "Unit", "Newtype", "Struct", found "Else""#,
    );
    misfit::<Internal>(r#"{"t":"Struct"}"#, "at: missing");
    misfit::<Internal>(
        r#"{"t":"Newtype","x":"y"}"#,
        "expected an integer from 0 to 255, found a string",
    );
    misfit::<Adjacent>("5", "expected adjacently tagged enum Adjacent, found a number");
    misfit::<Adjacent>("{}", "t: missing");
    misfit::<Adjacent>(r#"{"t":"Newtype"}"#, "c: missing");
    misfit::<Adjacent>(
        r#"{"t":"Newtype","c":true}"#,
        "c: expected an integer from 0 to 255, found a boolean",
    );
    misfit::<Untagged>("true", "data did not match any variant of untagged enum Untagged");
}

#[test]
fn enums_as_keys() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        Green,
    }
    same(r#"{"red":1,"green":2}"#, BTreeMap::from([(Color::Red, 1), (Color::Green, 2)]));
    same(
        r#"[[{"green":{"red":1}}]]"#,
        [BTreeMap::from([(Color::Green, BTreeMap::from([(Color::Red, 1)]))])],
    );
    misfit::<BTreeMap<Color, u8>>(
        r#"{"blue":1}"#,
        r#"expected one of "red", "green", found "blue""#,
    );
    misfit::<BTreeMap<Color, u8>>(
        r#"{"red":"x"}"#,
        "red: expected an integer from 0 to 255, found a string",
    );
}

#[test]
fn keys_that_do_not_fit() {
    // Other keys than "5".
    for key in ["+5", "05", "-0", "-05", "5 ", ""] {
        let text = format!(r#"{{"{key}":1}}"#);
        let where_and_what = format!(r#"["{key}"]: expected an integer, found "{key}""#);
        misfit::<BTreeMap<i128, u8>>(&text, &where_and_what);
        assert!(super::read::<BTreeMap<i8, u8>>(&text).is_err(), "{key}");
        assert!(super::read::<BTreeMap<u128, u8>>(&text).is_err(), "{key}");
    }
    misfit::<BTreeMap<u8, u8>>(r#"{"256":1}"#, r#"expected an integer from 0 to 255, found 256"#);
    misfit::<BTreeMap<i128, u8>>(r#"{"x":1}"#, r#"x: expected an integer, found "x""#);
    misfit::<BTreeMap<bool, u8>>(r#"{"x":1}"#, r#"x: expected a boolean, found "x""#);
    misfit::<BTreeMap<char, u8>>(
        r#"{"xy":1}"#,
        r#"expected a string of one character, found "xy""#,
    );
}
