//! Durable targets: what `#[derive(Durable)]` takes.

#![deny(warnings)]

use std::cell::{Cell, RefCell};

use topsail::{Durable, RpcStub, RpcTarget, rpc_interface, rpc_target};

#[derive(Durable)]
#[durable(kind = "member")]
struct Member {
    name: String,
    #[serde(default, rename = "n")]
    count: Cell<u32>,
    #[serde(skip)]
    cache: RefCell<Vec<u8>>,
    callback: Option<RpcStub>,
}

#[rpc_target]
impl Member {
    pub fn increment(&self) -> u32 {
        self.cache.borrow_mut().clear();
        self.count.update(|count| count + u32::from(self.callback.is_none()));
        self.count.get()
    }

    /// By reference, as any target.
    pub fn other(&self) -> Member {
        Member {
            name: self.name.clone(),
            count: Cell::default(),
            cache: RefCell::default(),
            callback: None,
        }
    }
}

#[derive(Durable)]
#[durable(kind = "unit")]
struct Unit;

#[rpc_target]
impl Unit {
    pub fn hello(&self) {}
}

#[derive(Durable)]
#[durable(kind = "shape")]
#[serde(rename_all = "camelCase")]
enum Shape {
    Dot,
    Line(u32),
    Circle { radius: u32 },
}

#[rpc_interface]
trait Area {
    fn area(&self) -> u32;
}

#[rpc_target]
impl Area for Shape {
    fn area(&self) -> u32 {
        match self {
            Shape::Dot => 0,
            Shape::Line(width) => *width,
            Shape::Circle { radius } => radius * radius * 3,
        }
    }
}

struct Ordinary;

#[rpc_target]
impl Ordinary {
    pub fn shapes(&self) -> Vec<RpcStub<dyn Area>> {
        vec![Shape::Dot.into(), Shape::Line(1).into(), Shape::Circle { radius: 1 }.into()]
    }
}

fn main() {
    let member = Member {
        name: "Ann".into(),
        count: Cell::new(1),
        cache: RefCell::default(),
        callback: None,
    };
    let durable = member.as_durable().expect("it is durable");
    let state = durable.save().expect("it can be saved");
    assert_eq!((durable.kind(), state.text()), ("member", r#"{"name":"Ann","n":1,"callback":null}"#));
    assert_eq!(Shape::Line(2).as_durable().expect("so is it").save().unwrap().text(), r#"{"line":2}"#);
    assert!(Unit.as_durable().is_some() && Ordinary.as_durable().is_none());
    for (text, fits) in [(r#"{"name":"Ann"}"#, true), (r#"{"n":1}"#, false), ("1", false)] {
        let revived = topsail::revive::<Member>(topsail::Payload::from_text(text.into()));
        assert_eq!(revived.is_ok(), fits, "{text}");
    }
}
