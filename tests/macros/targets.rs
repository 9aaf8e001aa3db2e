use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use topsail::{RpcError, RpcStub, rpc_target};

use crate::wire::{ask, serve};

#[derive(Serialize, Deserialize)]
struct User<'a> {
    id: u32,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Debug)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it failed")
    }
}

impl std::error::Error for Failure {}

type Outcome<T> = Result<T, Failure>;

#[derive(Default)]
struct Api {
    value: Cell<i64>,
}

#[rpc_target]
impl Api {
    pub fn new() -> Self {
        Api::default()
    }

    pub fn hello(&self, name: String) -> String {
        format!("Hello, {name}!")
    }

    pub fn nothing(&self) {}

    pub async fn get_user_id(&self, ids: Vec<u32>, _: Cow<'static, str>) -> Option<u32> {
        ids.last().copied()
    }

    pub fn rename(&self, user: &User<'_>, name: &str) -> User<'static> {
        User { id: user.id, name: name.to_uppercase().into() }
    }

    pub fn texts(&self, whole: &str, optional: Option<&str>, either: Cow<'_, str>) -> String {
        let borrowed = matches!(either, Cow::Borrowed(_));
        format!("{whole}|{}|{either}|{borrowed}", optional.unwrap_or("none"))
    }

    pub fn lengths(&self, bytes: &[u8], numbers: &[i64]) -> (usize, usize) {
        (bytes.len(), numbers.len())
    }

    pub fn optional(&self, first: Option<i64>, second: Option<i64>) -> String {
        format!("{first:?} {second:?}")
    }

    pub fn greet(&self, name: &str, #[rpc(default = "!")] punctuation: &str) -> String {
        format!("{name}{punctuation}")
    }

    pub async fn increment(&self, #[rpc(default = 1)] amount: i64) -> i64 {
        self.value.set(self.value.get() + amount);
        self.value.get()
    }

    pub fn defaults(&self, #[rpc(default)] text: String, #[rpc(default)] list: Vec<u8>) -> usize {
        text.len() + list.len()
    }

    pub fn sum(&self, first: i64, #[rpc(rest)] others: &[i64]) -> i64 {
        first * 100 + others.iter().sum::<i64>()
    }

    pub fn fail(&self) -> Result<i64, Failure> {
        Err(Failure)
    }

    pub async fn fail_by_alias(&self) -> Outcome<i64> {
        Err(Failure)
    }

    pub fn succeed_by_alias(&self) -> Outcome<i64> {
        Ok(3)
    }

    pub fn own_error(&self) -> Result<(), RpcError> {
        Err(RpcError::range_error("own"))
    }

    pub fn shared(self: Rc<Self>) -> usize {
        Rc::strong_count(&self)
    }

    pub fn shared_lent(self: &Rc<Self>) -> RpcStub<Api> {
        RpcStub::new(Rc::clone(self))
    }

    // `Rc` has a method of this name, and so has `RpcTarget`.
    pub fn clone(&self) -> &'static str {
        "not the clone of the Rc"
    }

    pub fn call(&self, method: &str, arguments: i64) -> String {
        format!("{method}({arguments})")
    }

    pub fn child(&self) -> Child {
        Child
    }

    pub async fn child_later(&self) -> Result<Child, RpcError> {
        Ok(Child)
    }

    #[rpc(get)]
    pub fn value(&self) -> i64 {
        self.value.get()
    }

    #[rpc(get)]
    pub async fn value_later(&self) -> Outcome<i64> {
        Ok(self.value.get())
    }

    #[rpc(name = "$other")]
    pub fn renamed(&self) -> i64 {
        1
    }

    #[rpc(call)]
    pub fn run(&self, i: i64) -> i64 {
        i * 2
    }

    #[rpc(skip)]
    pub fn skipped(&self) {}

    #[cfg(any())]
    pub fn absent(&self) -> Missing {}

    #[cfg(not(any()))]
    pub fn present(&self) {}

    pub(crate) fn crate_only(&self) {}

    fn private(&self) {}
}

struct Child;

#[rpc_target(rename_all = "none")]
impl Child {
    pub fn get_name(&self) -> &'static str {
        "child"
    }
}

#[test]
fn answers() {
    Api::new().private();
    Api::new().crate_only();
    Api::new().skipped();
    for (member, answer) in [
        (r#"["hello"],["World"]"#, r#""Hello, World!""#),
        (r#"["hello"],["World",2,3]"#, r#""Hello, World!""#),
        (r#"["nothing"],[]"#, r#"["undefined"]"#),
        (r#"["getUserId"],[[[1,7]],"a"]"#, "7"),
        (r#"["rename"],[{"id":7,"name":"a"},"b\n"]"#, r#"{"id":7,"name":"B\n"}"#),
        (r#"["texts"],["a","b","c"]"#, r#""a|b|c|true""#),
        (r#"["texts"],["a\"","b\\","c\n"]"#, r#""a\"|b\\|c\n|false""#),
        (r#"["texts"],["a",null,"c"]"#, r#""a|none|c|true""#),
        (r#"["lengths"],[["bytes","AQID"],[[1,2]]]"#, "[[3,2]]"),
        (r#"["optional"],[]"#, r#""None None""#),
        (r#"["optional"],[null,5]"#, r#""None Some(5)""#),
        (r#"["optional"],[["undefined"],5]"#, r#""None Some(5)""#),
        (r#"["greet"],["a"]"#, r#""a!""#),
        (r#"["greet"],["a",["undefined"]]"#, r#""a!""#),
        (r#"["greet"],["a","?"]"#, r#""a?""#),
        (r#"["increment"],[]"#, "1"),
        (r#"["increment"],[5]"#, "5"),
        (r#"["defaults"],[]"#, "0"),
        (r#"["defaults"],["ab",[[1]]]"#, "3"),
        (r#"["sum"],[1]"#, "100"),
        (r#"["sum"],[1,2,3]"#, "105"),
        (r#"["fail"],[]"#, r#"["error","Error","it failed"]"#),
        (r#"["failByAlias"],[]"#, r#"["error","Error","it failed"]"#),
        (r#"["succeedByAlias"],[]"#, "3"),
        (r#"["ownError"],[]"#, r#"["error","RangeError","own"]"#),
        (r#"["clone"],[]"#, r#""not the clone of the Rc""#),
        (r#"["call"],["hello",1]"#, r#""hello(1)""#),
        (r#"["value"]"#, "0"),
        (r#"["valueLater"]"#, "0"),
        (r#"["$other"],[]"#, "1"),
        (r#"[],[4]"#, "8"),
        (r#"["present"],[]"#, r#"["undefined"]"#),
    ] {
        assert_eq!(ask(Api::new(), member), answer, "{member}");
    }
    assert_eq!(ask(Child, r#"["get_name"],[]"#), r#""child""#);
}

#[test]
fn arguments_that_do_not_fit() {
    for (member, place) in [
        (r#"["hello"],[]"#, "hello: argument 0"),
        (r#"["hello"],[1]"#, "hello: argument 0"),
        (r#"["texts"],["a",1,"c"]"#, "texts: argument 1"),
        (r#"["texts"],["a","b",1]"#, "texts: argument 2"),
        (r#"["greet"],["a",1]"#, "greet: argument 1"),
        (r#"["sum"],[1,2,"a"]"#, "sum: argument 2"),
        (r#"["rename"],[{"id":"a","name":"a"},"b"]"#, "rename: argument 0: id"),
        (r#"["getUserId"],[[[1,"a"]],"a"]"#, "getUserId: argument 0: [1]"),
        (r#"["lengths"],[1,[[]]]"#, "lengths: argument 0"),
        (r#"[],["a"]"#, "argument 0"),
    ] {
        let start = format!(r#"["error","TypeError","{place}: expected "#);
        let answer = ask(Api::new(), member);
        assert!(answer.starts_with(&start), "{member}: {answer}");
    }
}

#[test]
fn what_is_not_reachable() {
    for name in ["new", "skipped", "absent", "crateOnly", "private", "run", "get_user_id", "value"]
    {
        let error = format!(r#"["error","TypeError","'{name}' is not a function."]"#);
        assert_eq!(ask(Api::new(), &format!(r#"["{name}"],[]"#)), error, "{name}");
    }
    for name in ["new", "skipped", "absent", "crateOnly", "private", "run", "get_user_id"] {
        let read = ask(Api::new(), &format!(r#"["{name}"]"#));
        assert_eq!(read, r#"["undefined"]"#, "{name}");
    }
    let error = r#"["error","TypeError","the target is not a function."]"#;
    assert_eq!(ask(Child, "[],[]"), error);
}

#[test]
fn capabilities() {
    for member in [
        r#"["child"],[]"#,
        r#"["childLater"],[]"#,
        r#"["sharedLent"],[]"#,
        r#"["hello"]"#,
        r#"["present"]"#,
    ] {
        assert_eq!(ask(Api::new(), member), r#"["export",-1]"#, "{member}");
    }
}

#[test]
fn a_method_read_as_a_property_is_bound() {
    let (peer, sent) = serve(Rc::new(Api::new()));
    peer.recv(r#"["push",["pipeline",0,["hello"]]]"#);
    peer.recv(r#"["push",["pipeline",1,[],["World"]]]"#);
    peer.recv(r#"["pull",2]"#);
    assert_eq!(sent.take(), [r#"["resolve",2,"Hello, World!"]"#]);
}

#[test]
fn a_sync_method_is_answered_in_its_turn() {
    let (peer, sent) = serve(Rc::new(Api::new()));
    peer.recv(r#"["push",["pipeline",0,["shared"],[]]]"#);
    // The pull alone makes the peer send: the method has run, and holds its target no longer.
    peer.recv(r#"["pull",1]"#);
    assert_eq!(sent.take(), [r#"["resolve",1,2]"#]);
}
