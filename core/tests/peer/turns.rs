//! What is done within a turn, without the driver.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Wake, Waker};

use topsail_core::proto::Outbox;
use topsail_core::{
    Answer, Arguments, Limits, Outgoing, Peer, Property, RpcSessionOptions, RpcStub, RpcTarget,
    Transport, function, function_async,
};

/// Gives what a function of the client gives.
struct Caller;

impl RpcTarget for Caller {
    fn call(self: Rc<Self>, _method: &str, mut arguments: Arguments<'_>) -> Answer {
        let callback: RpcStub = arguments.next().unwrap();
        Answer::Pending(Box::pin(async move {
            let first = callback.invoke::<i64>((1,)).await?;
            topsail_core::IntoRpc::into_rpc(callback.invoke::<i64>((first,)).await?)
        }))
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

struct Recorder(Rc<RefCell<Vec<String>>>);

impl Transport for Recorder {
    fn send(&self, messages: &Outbox) {
        self.0.borrow_mut().extend(messages.messages().map(str::to_owned));
    }
}

#[test]
fn methods_go_on_in_the_turn_of_the_answer_they_wait_for() {
    let sent = Rc::new(RefCell::new(Vec::new()));
    let recorder = Recorder(Rc::clone(&sent));
    let peer = Peer::new(Some(Rc::new(Caller)), recorder, RpcSessionOptions::new());
    let table: [(&[&str], &[&str]); 3] = [
        (
            &[r#"["push",["pipeline",0,["call"],[["export",-1]]]]"#, r#"["pull",1]"#],
            &[r#"["push",["pipeline",-1,[],[1]]]"#, r#"["pull",1]"#],
        ),
        (
            &[r#"["resolve",1,5]"#],
            &[r#"["release",1,1]"#, r#"["push",["pipeline",-1,[],[5]]]"#, r#"["pull",2]"#],
        ),
        (&[r#"["resolve",2,7]"#], &[r#"["release",2,1]"#, r#"["resolve",1,7]"#]),
    ];
    for (received, expected) in table {
        received.iter().for_each(|message| peer.recv(message));
        let mut sent = sent.take();
        sent.retain(|message| message != r#"["release",-1,1]"#);
        assert_eq!(sent, expected, "after {received:?}");
    }
}

/// Gives back what it is given, as it came.
struct Echo;

impl RpcTarget for Echo {
    fn call(self: Rc<Self>, _method: &str, mut arguments: Arguments<'_>) -> Answer {
        Answer::Ready(arguments.next::<Outgoing>())
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

#[test]
fn what_stays_behind_takes_its_capabilities_along() {
    let table = [
        (r#"{"toJSON":["export",-1],"a":1}"#, r#"{"a":1}"#),
        (r#"{"a":1,"toJSON":["export",-1]}"#, r#"{"a":1}"#),
        (r#"{"a":["export",-2],"toJSON":{"x":["export",-1]}}"#, r#"{"a":["import",-2]}"#),
        (
            r#"["error","Error","m",null,{"message":["export",-1],"a":1}]"#,
            r#"["error","Error","m",null,{"a":1}]"#,
        ),
        (r#"["bytes","QQ=="]"#, r#"["bytes","QQ"]"#),
        (r#"[[["bytes","QQ=="],["export",-1]]]"#, r#"[[["bytes","QQ"],["import",-1]]]"#),
    ];
    for (argument, result) in table {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let recorder = Recorder(Rc::clone(&sent));
        let peer = Peer::new(Some(Rc::new(Echo)), recorder, RpcSessionOptions::new());
        // Given back by a method, and kept by the session.
        peer.recv(&format!(r#"["push",["pipeline",0,["echo"],[{argument}]]]"#));
        peer.recv(&format!(r#"["push",{argument}]"#));
        for pull in 1..=2 {
            peer.recv(&format!(r#"["pull",{pull}]"#));
            let expected = format!(r#"["resolve",{pull},{result}]"#);
            assert!(sent.borrow().contains(&expected), "{argument} became {:?}", sent.borrow());
        }
    }
}

#[test]
fn an_abort_repeats_no_more_than_the_beginning_of_what_is_wrong() {
    let long = "x".repeat(10_000);
    let table = [
        format!(r#"["{long}"]"#),
        format!(r#"["push",["{long}"]]"#),
        format!(r#"["push",["remap",0,[],["{long}"],[1]]]"#),
    ];
    for message in table {
        let sent = Rc::new(RefCell::new(Vec::new()));
        let recorder = Recorder(Rc::clone(&sent));
        let peer = Peer::new(Some(Rc::new(Echo)), recorder, RpcSessionOptions::new());
        peer.recv(&message);
        let sent = sent.borrow();
        assert!(matches!(&sent[..], [abort] if abort.starts_with(r#"["abort","#)));
        assert!(sent[0].len() < 300, "{} bytes", sent[0].len());
    }
}

/// Counts how often the host is to run the driver.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn what_a_turn_has_done_needs_no_driver() {
    let sent = Rc::new(RefCell::new(Vec::new()));
    let recorder = Recorder(Rc::clone(&sent));
    let peer = Peer::new(Some(Rc::new(Caller)), recorder, RpcSessionOptions::new());
    let (wakes, mut run) = (Arc::new(Wakes::default()), pin!(peer.run()));
    let waker = Waker::from(Arc::clone(&wakes));
    for message in [
        r#"["push",["pipeline",0,["call"],[["export",-1]]]]"#,
        r#"["pull",1]"#,
        r#"["resolve",1,5]"#,
        r#"["resolve",2,7]"#,
    ] {
        peer.recv(message);
        assert!(run.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(wakes.0.load(Relaxed), 0, "{message}");
    }
    assert_eq!(sent.take().last().map(String::as_str), Some(r#"["release",-1,1]"#));
}

/// How many of many wakers are held, once a future, or one future for each, was polled with them.
fn held(mut poll: impl FnMut(&mut Context<'_>)) -> usize {
    let all: Vec<Arc<Wakes>> = (0..100).map(|_| Arc::default()).collect();
    for wakes in &all {
        poll(&mut Context::from_waker(&Waker::from(Arc::clone(wakes))));
    }
    all.iter().filter(|wakes| Arc::strong_count(wakes) > 1).count()
}

#[test]
fn no_more_wakers_are_held_than_futures_wait() {
    let peer = Peer::new(Some(Rc::new(Caller)), Recorder(Rc::default()), RpcSessionOptions::new());
    peer.recv(r#"["push",["pipeline",0,["call"],[["export",-1]]]]"#);
    peer.recv(r#"["pull",1]"#);
    let never = function_async(pending::<i64>);
    let (mut run, mut drained) = (pin!(peer.run()), pin!(peer.drained()));
    let mut local = pin!(never.invoke::<i64>(()));
    type Row<'r> = (&'r str, usize, &'r mut dyn FnMut(&mut Context<'_>));
    let table: &mut [Row<'_>] = &mut [
        ("a driver", 1, &mut |cx| assert!(run.as_mut().poll(cx).is_pending())),
        ("a drainer", 1, &mut |cx| assert!(drained.as_mut().poll(cx).is_pending())),
        ("a local promise", 1, &mut |cx| assert!(local.as_mut().poll(cx).is_pending())),
        ("drivers that are gone", 0, &mut |cx| assert!(pin!(peer.run()).poll(cx).is_pending())),
        // The last one is given up in the next turn.
        ("local promises that are gone", 1, &mut |cx| {
            assert!(pin!(never.invoke::<i64>(())).poll(cx).is_pending());
        }),
        ("local promises that are there", 0, &mut |cx| {
            assert!(pin!(function(|| 7).invoke::<i64>(())).poll(cx).is_ready());
        }),
    ];
    for (what, most, poll) in table {
        assert_eq!(held(poll), *most, "{what}");
    }
}

/// A value, or an error, takes few bytes to ask for once more, and as many as it has to send.
#[test]
fn the_answers_of_a_batch_are_bounded() {
    let text = "x".repeat(300);
    let value = format!(r#"["push","{text}"]"#);
    let error = format!(r#"["push",["error","Error","{text}"]]"#);
    for first in [value, error] {
        let sent = Rc::default();
        let mut limits = Limits::default();
        limits.max_queued_bytes = 10_000;
        let recorder = Recorder(Rc::clone(&sent));
        let peer = Peer::new(None, recorder, RpcSessionOptions::new().limits(limits));
        let pulls = (2..102).map(|id| format!("[\"push\",[\"pipeline\",1]]\n[\"pull\",{id}]"));
        let batch: Vec<String> = std::iter::once(first).chain(pulls).collect();
        peer.recv_batch(&batch.join("\n"));
        let sent = sent.take();
        let is_whole = |message: &String| message.contains(&text);
        let (whole, refused): (Vec<String>, Vec<String>) = sent.into_iter().partition(is_whole);
        assert!((25..=33).contains(&whole.len()), "{} answers", whole.len());
        assert_eq!(whole.len() + refused.len(), 100);
        let refusal = r#""RangeError","the answers would be more than 10000 bytes""#;
        assert!(refused.iter().all(|message| message.contains(refusal)), "{refused:?}");
    }
}
