//! The objects that are called, as the macro would write them.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use topsail_core::__private::Return;
use topsail_core::{
    Answer, Arguments, Date, IntoRpc, Outgoing, Property, RpcError, RpcStub, RpcTarget,
};

pub(crate) struct Api;

#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    id: u32,
    name: String,
    tags: Vec<String>,
    active: bool,
    score: f64,
    joined: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nick: Option<String>,
}

impl User {
    pub(crate) fn example(i: u32) -> Self {
        User {
            id: i,
            name: format!("User {i}"),
            tags: vec![format!("team-{}", i % 5), format!("floor-{}", i % 3), "staff".to_owned()],
            active: i.is_multiple_of(2),
            score: f64::from(i) * 1.5,
            joined: Date::from_millis(1_700_000_000_000.0 + f64::from(i) * 86_400_000.0),
            nick: (i % 2 == 1).then(|| format!("nick-{i}")),
        }
    }
}

impl Api {
    fn answer(self: Rc<Self>, method: &str, a: &mut Arguments<'_>) -> Result<Outgoing, RpcError> {
        match method {
            "square" => a.next::<f64>().and_then(|i| (i * i).into_rpc()),
            "self" => Return(RpcStub::<()>::from_target(self)).finish(),
            "range" => (0..a.next::<u32>()?).collect::<Vec<u32>>().into_rpc(),
            "echo" => Return(a.next::<Outgoing>()?).finish(),
            "users" => (0..a.next::<u32>()?).map(User::example).collect::<Vec<_>>().into_rpc(),
            "updateUser" => {
                let mut user = a.next::<User>()?;
                user.id += 1;
                user.into_rpc()
            }
            _ => Err(RpcError::error("no such method")),
        }
    }
}

impl RpcTarget for Api {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        Answer::Ready(self.answer(method, &mut arguments))
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}
