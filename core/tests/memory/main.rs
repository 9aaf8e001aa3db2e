//! What an idle session holds: live bytes, counted by the allocator, against a budget.

mod counting;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use futures::stream;
use topsail_core::proto::Outbox;
use topsail_core::{
    Answer, Arguments, IntoRpc, Peer, Property, RpcError, RpcReadable, RpcSessionOptions, RpcStub,
    RpcTarget, Transport, Value,
};

use counting::{live_bytes, most_bytes};

struct Api;

impl RpcTarget for Api {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        match method {
            "square" => Answer::Ready(arguments.next::<i64>().and_then(|i| (i * i).into_rpc())),
            "text" => Answer::Ready(
                arguments.next::<usize>().and_then(|length| "x".repeat(length).into_rpc()),
            ),
            "length" => {
                Answer::Ready(arguments.next::<Vec<String>>().and_then(|all| all.len().into_rpc()))
            }
            "lists" => Answer::Ready(
                arguments.rest::<[u64; 32]>().and_then(|lists| lists.len().into_rpc()),
            ),
            "stream" => {
                Answer::Ready(RpcReadable::new(stream::iter([Ok::<_, RpcError>(1)])).into_rpc())
            }
            "callBack" => {
                let callback: RpcStub = arguments.next().expect("a stub");
                Answer::Pending(Box::pin(async move {
                    callback.invoke::<Value>((1,)).await?;
                    ().into_rpc()
                }))
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
            self.receive_together(std::slice::from_ref(message));
        }
    }

    /// Receives messages in one event of the host, each of them a turn.
    fn receive_together(&mut self, messages: &[String]) {
        messages.iter().for_each(|message| self.peer.recv(message));
        self.drive();
        assert_eq!(self.peer.closed(), None);
    }

    fn drive(&mut self) {
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(self.driver.as_mut().poll(cx).is_pending());
    }

    /// Calls the peer, outside of any turn, and takes no interest in the answer.
    fn call_out(&mut self) {
        drop(self.peer.remote_main::<()>().call::<i64>("square", (7,)));
        self.receive(&[r#"["resolve",1,49]"#.to_owned()]);
    }
}

/// Bytes of one session on 64 bits: the peer, its main object, its transport and its driver. Where a
/// session has become smaller, its budget becomes smaller too.
#[test]
fn idle_sessions_hold_their_budgets() {
    let many = format!("[[{}\"\"]]", "\"x\",".repeat(50_000));
    let callbacks = format!("[[{CALLBACK}{}]]", format!(",{CALLBACK}").repeat(5_000));
    type Run<'r> = &'r dyn Fn(&mut Hosted);
    let rows: &[(&str, Run<'_>, isize)] = &[
        ("nothing", &|_| {}, 2136),
        ("a call", &|it| it.receive(&call("square", "7")), 2208),
        ("a call with many values", &|it| it.receive(&call("length", &many)), 2208),
        ("a call with a callback", &|it| it.receive(&called_back("5")), 4264),
        ("a property of a large value", &|it| it.receive(&property_of(&many)), 2528),
        ("the end of many capabilities", &|it| it.receive(&pushed(&callbacks)), 2536),
        // The table keeps them until they are released.
        ("many pulls that have waited", &|it| it.receive(&waiting(1_000)), 92_224),
        ("many results, released", &|it| it.receive_together(&released(1..=RESULTS)), 3968),
        ("the same backwards", &|it| it.receive_together(&released((1..=RESULTS).rev())), 6048),
        ("calls that failed for one long reason", &|it| it.receive(&failed(50, 100_000)), 121_485),
        ("streams that were read to their ends", &|it| it.receive(&streamed(100)), 6168),
        ("a call of its own, outside of a turn", &|it| it.call_out(), 2232),
    ];
    for &(what, run, budget) in rows {
        // What the thread keeps is no session's.
        (0..2).for_each(|_| run(&mut Hosted::new()));
        let before = live_bytes();
        let mut session = Hosted::new();
        run(&mut session);
        let held = live_bytes() - before;
        assert!(
            held <= budget,
            "after {what} a session holds {held} bytes, its budget is {budget}"
        );
        drop(session);
        assert_eq!(live_bytes(), before, "after {what} and the end");
    }
}

/// Arguments that are not of the method's type take no memory for values that they do not become.
#[test]
fn refused_arguments_take_little() {
    const ARGUMENTS: usize = 100_000;
    let messages = call("lists", &vec!["0"; ARGUMENTS].join(","));
    let most = most_bytes(|| Hosted::new().receive(&messages));
    // On the tape an argument takes 16 bytes, and up to as much again where that grows.
    assert!(most < ARGUMENTS as isize * 64, "{most} bytes");
}

/// What the thread keeps for all its sessions, once they are gone.
#[test]
fn threads_keep_little() {
    const BUDGET: isize = 16 << 10;
    let many = format!("[[{}\"\"]]", "\"x\",".repeat(50_000));
    let rows = [
        ("a call", call("square", "7")),
        ("many values in an argument", call("length", &many)),
        ("many values in a result", called_back(&many)),
        ("a long answer", call("text", "1000000")),
        ("a property of a large value", property_of(&many)),
    ];
    for (what, messages) in rows {
        let kept = std::thread::spawn(move || {
            let before = live_bytes();
            Hosted::new().receive(&messages);
            live_bytes() - before
        });
        let kept = kept.join().expect("no panic");
        assert!(kept <= BUDGET, "after {what} the thread keeps {kept} bytes");
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

const CALLBACK: &str = r#"["export",-1]"#;

fn called_back(result: &str) -> Vec<String> {
    let mut messages = call("callBack", CALLBACK);
    messages.insert(2, format!(r#"["resolve",1,{result}]"#));
    messages
}

/// A value, and its end.
fn pushed(value: &str) -> Vec<String> {
    vec![format!(r#"["push",{value}]"#), r#"["release",1,1]"#.to_owned()]
}

/// Pulls that wait for a promise of the peer's.
fn waiting(pulls: usize) -> Vec<String> {
    let promise = r#"["push",["promise",-1]]"#.to_owned();
    let pull = |id| [r#"["push",["pipeline",1]]"#.to_owned(), format!(r#"["pull",{id}]"#)];
    let resolution = r#"["resolve",-1,"x"]"#.to_owned();
    let pulls = (2..).flat_map(pull).take(2 * pulls);
    std::iter::once(promise).chain(pulls).chain([resolution]).collect()
}

/// Calls whose argument is a promise of the peer's, which it rejects.
fn failed(calls: usize, length: usize) -> Vec<String> {
    let promise = r#"["push",["promise",-1]]"#.to_owned();
    let call = r#"["push",["pipeline",0,["square"],[["pipeline",1]]]]"#.to_owned();
    let reject = format!(r#"["reject",-1,["error","Error","{}"]]"#, "x".repeat(length));
    std::iter::once(promise).chain(vec![call; calls]).chain([reject]).collect()
}

/// Streams of one chunk each, one after the other: the chunk and the end are taken.
fn streamed(streams: usize) -> Vec<String> {
    let messages = |n: usize| {
        let (result, pipe) = (n + 1, 3 * n + 1);
        [
            r#"["push",["pipeline",0,["stream"],[]]]"#.to_owned(),
            format!(r#"["pull",{result}]"#),
            format!(r#"["release",{result},1]"#),
            format!(r#"["resolve",{},["undefined"]]"#, pipe + 1),
            format!(r#"["resolve",{},["undefined"]]"#, pipe + 2),
        ]
    };
    (0..streams).flat_map(messages).collect()
}

const RESULTS: usize = 10_000;

/// Values, all of which are there before the first is released.
fn released(ids: impl Iterator<Item = usize>) -> Vec<String> {
    let pushes = std::iter::repeat_n(r#"["push","x"]"#.to_owned(), RESULTS);
    pushes.chain(ids.map(|id| format!(r#"["release",{id},1]"#))).collect()
}

fn property_of(value: &str) -> Vec<String> {
    let mut messages = pushed(value);
    messages.insert(1, r#"["push",["pipeline",1,[3]]]"#.to_owned());
    messages.push(r#"["release",2,1]"#.to_owned());
    messages
}
