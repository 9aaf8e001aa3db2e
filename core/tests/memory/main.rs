//! What an idle session holds: live bytes, counted by the allocator, against a budget.

mod counting;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use topsail_core::proto::Outbox;
use topsail_core::{
    Answer, Arguments, IntoRpc, Peer, Property, RpcSessionOptions, RpcStub, RpcTarget, Transport,
};

use counting::live_bytes;

struct Api;

impl RpcTarget for Api {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        match method {
            "square" => Answer::Ready(arguments.next::<i64>().and_then(|i| (i * i).into_rpc())),
            "length" => {
                Answer::Ready(arguments.next::<Vec<String>>().and_then(|all| all.len().into_rpc()))
            }
            "callBack" => {
                let callback: RpcStub = arguments.next().expect("a stub");
                Answer::Pending(Box::pin(
                    async move { callback.invoke::<i64>((1,)).await?.into_rpc() },
                ))
            }
            _ => Answer::NoSuchMethod,
        }
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

struct Out;

impl Transport for Out {
    fn send(&self, _messages: &Outbox) {}
}

/// A session as a host has it.
struct Hosted {
    peer: Peer,
    driver: Pin<Box<dyn Future<Output = ()>>>,
}

impl Hosted {
    fn new() -> Self {
        let peer = Peer::new(Some(Rc::new(Api)), Out, RpcSessionOptions::new());
        let driver = Box::pin(peer.run());
        Hosted { peer, driver }
    }

    /// Receives messages, each of them an event of the host.
    fn receive(&mut self, messages: &[String]) {
        for message in messages {
            self.peer.recv(message);
            assert!(
                self.driver.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
            );
        }
        assert_eq!(self.peer.closed(), None);
    }
}

/// Bytes of one session on 64 bits: the peer, its main object, its transport and its driver. Where a
/// session has become smaller, its budget becomes smaller too.
#[test]
fn idle_sessions_hold_their_budgets() {
    let many = format!("[[{}\"\"]]", "\"x\",".repeat(50_000));
    let rows = [
        ("nothing", Vec::new(), 2264),
        ("a call", call("square", "7"), 2392),
        ("a call with many values", call("length", &many), 2392),
        ("a call with a callback", called_back(), 4360),
    ];
    for (what, messages, budget) in rows {
        // What the thread keeps is no session's.
        (0..2).for_each(|_| Hosted::new().receive(&messages));
        let before = live_bytes();
        let mut session = Hosted::new();
        session.receive(&messages);
        let held = live_bytes() - before;
        assert!(
            held <= budget,
            "after {what} a session holds {held} bytes, its budget is {budget}"
        );
        drop(session);
        assert_eq!(live_bytes(), before, "after {what} and the end");
    }
}

/// A first call, pulled and released.
fn call(method: &str, argument: &str) -> Vec<String> {
    vec![
        format!(r#"["push",["pipeline",0,["{method}"],[{argument}]]]"#),
        r#"["pull",1]"#.to_owned(),
        r#"["release",1,1]"#.to_owned(),
    ]
}

fn called_back() -> Vec<String> {
    let mut messages = call("callBack", r#"["export",-1]"#);
    messages.insert(2, r#"["resolve",1,5]"#.to_owned());
    messages
}
