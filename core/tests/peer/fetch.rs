//! Blobs, and bodies that are streams, between two and three peers.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use topsail_core::__private::pending;
use topsail_core::{
    Answer, Arguments, Blob, Body, Bytes, Limits, Outgoing, Property, Request, Response, RpcError,
    RpcReadable, RpcSessionOptions, RpcStub, RpcTarget, Url, Value,
};

use crate::targets::{Api, Gate};
use crate::world::World;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    first: Blob,
    others: Vec<Blob>,
    map: BTreeMap<String, Blob>,
}

fn blob(length: usize) -> Blob {
    Blob::new("image/png", (0..length).map(|i| (i % 251) as u8).collect::<Vec<_>>())
}

fn chunks(chunks: &'static [&'static str]) -> RpcReadable<Bytes> {
    let bytes = |chunk: &&str| Ok::<_, RpcError>(Bytes(chunk.as_bytes().to_vec()));
    RpcReadable::new(stream::iter(chunks.iter().map(bytes)))
}

fn request(body: impl Into<Body>) -> Request {
    let mut request = Request::new(Url::parse("https://a/").unwrap());
    request.set_method("POST").unwrap();
    request.headers_mut().append("x-test", "1").unwrap();
    request.set_body(body);
    request
}

fn failing() -> RpcReadable<Bytes> {
    let chunks = [Ok(Bytes(vec![1])), Err(RpcError::range_error("torn"))];
    RpcReadable::new(stream::iter(chunks))
}

#[test]
fn blobs_both_ways() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    for length in [0, 1, 65_536, 65_537, 1_000_000] {
        for method in ["echo", "echoValue"] {
            let sent = blob(length);
            assert_eq!(world.run(api.call::<Blob>(method, (&sent,))).as_ref(), Ok(&sent));
            // A blob can be sent again.
            assert_eq!(world.run(api.call::<Blob>(method, (&sent,))).as_ref(), Ok(&sent));
        }
    }
    let map = BTreeMap::from([(String::from("blob"), blob(5)), (String::from("b"), blob(0))]);
    let held = Held { first: blob(3), others: vec![blob(100), blob(70_000)], map };
    for method in ["echo", "echoValue"] {
        assert_eq!(world.run(api.call::<Held>(method, (&held,))).as_ref(), Ok(&held));
    }
    let value: Value = world.run(api.call("echo", (&held.first,))).unwrap();
    assert_eq!(value, Value::Blob(blob(3)));
    // One result with blobs is decoded twice.
    let promise = api.call::<Blob>("echo", (blob(9),));
    assert_eq!(world.run(promise.dup()), Ok(blob(9)));
    world.settle();
    drop((promise, api));
    world.finish();
}

#[test]
fn a_call_runs_when_its_blobs_are_there() {
    let target = Api::default();
    let log = Rc::clone(&target.log);
    let (world, client, _server) = World::pair(target);
    let api: RpcStub = client.peer.remote_main();
    let kept = api.call::<()>("keepValue", ([blob(200_000)],));
    world.run(api.call::<()>("log", ("overtakes",))).unwrap();
    assert_eq!(log.borrow().len(), 1);
    world.run(kept).unwrap();
    let value: Value = world.run(api.call("keptValue", ())).unwrap();
    assert_eq!(value, Value::Array(vec![blob(200_000).into()]));
    drop((value, api));
    world.finish();
}

#[test]
fn blobs_through_a_third_peer() {
    let world = World::new();
    let (far, _server) = world.link(None, Some(Rc::new(Api::default())));
    let forwarder = Forwarder(far.peer.remote_main());
    let (near, _between) = world.link(None, Some(Rc::new(forwarder)));
    let api: RpcStub = near.peer.remote_main();
    assert_eq!(world.run(api.call::<Blob>("echo", (blob(100_000),))), Ok(blob(100_000)));
    drop(api);
    world.settle();
}

struct Forwarder(RpcStub);

impl RpcTarget for Forwarder {
    fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
        let promise = arguments
            .next::<Outgoing>()
            .map(|argument| self.0.call::<Outgoing>(method, (argument,)));
        pending(async move { promise?.await })
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}

#[test]
fn blobs_that_cannot_be_collected() {
    let mut limits = Limits::default();
    limits.max_blob_bytes = 1_000;
    let world = World::new();
    let options = RpcSessionOptions::default().limits(limits);
    let (client, _server) = world.link_with(None, Some(Rc::new(Api::default())), options);
    let api: RpcStub = client.peer.remote_main();
    assert_eq!(world.run(api.call::<Blob>("echo", (blob(1_000),))), Ok(blob(1_000)));
    for sent in [vec![blob(1_001)], vec![blob(500), blob(501)], vec![blob(100_000)]] {
        let error = world.run(api.call::<Value>("echo", (sent,))).unwrap_err();
        assert_eq!(error.to_string(), "RangeError: blobs of more than 1000 bytes");
    }
    // A blob whose stream fails, as another peer can send one.
    let torn = Outgoing::from(failing().into_raw());
    let mut whole = Outgoing::from_text(String::from(r#"["blob","","#));
    whole.push_payload(&torn, Clone::clone);
    whole.text_mut().push(']');
    let error = world.run(api.call::<Value>("echo", (whole,))).unwrap_err();
    assert_eq!(error.to_string(), "RangeError: torn");
    // What is no blob is not collected.
    let stream: RpcReadable<Bytes> = world.run(api.call("echo", (failing(),))).unwrap();
    let read: Vec<_> = world.run(stream.collect());
    assert_eq!(read, [Ok(Bytes(vec![1])), Err(RpcError::range_error("torn"))]);
    world.settle();
    drop(api);
    world.finish();
}

/// A list of arguments and an array that begin like a blob are none: the stream in them is not collected,
/// which would not come to an end here.
#[test]
fn what_only_looks_like_a_blob() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let gate = Rc::new(Gate::default());
    let waiting = || {
        let gate = Rc::clone(&gate);
        RpcReadable::new(stream::once(async move {
            gate.open().await;
            Ok::<_, RpcError>(Bytes(vec![1]))
        }))
    };
    world.run(api.call::<()>("keepValue", ("blob", "text/plain", waiting()))).unwrap();
    let array = ("blob", "text/plain", waiting());
    world.run(api.call::<()>("keepValue", (&array,))).unwrap();
    let (kind, _, stream): (String, String, RpcReadable<Bytes>) =
        world.run(api.call("keptValue", ())).unwrap();
    gate.release();
    let read: Vec<_> = world.run(stream.collect());
    assert_eq!((kind.as_str(), read), ("blob", vec![Ok(Bytes(vec![1]))]));
    drop((array, api));
    world.finish();
}

/// Blobs in the contents of blobs, which only a hostile peer sends: their collection would recurse.
#[test]
fn blobs_in_blobs() {
    const LEVELS: usize = 5_000;
    let (_world, _client, server) = World::pair(Api::default());
    (0..LEVELS).for_each(|_| server.peer.recv(r#"["pipe"]"#));
    for pipe in 1..LEVELS {
        let chunk = format!(r#"["blob","",["readable",{}]]"#, pipe + 1);
        server.peer.recv(&format!(r#"["stream",["pipeline",{pipe},["write"],[{chunk}]]]"#));
    }
    server.peer.recv(r#"["push",["pipeline",0,["echo"],[["blob","",["readable",1]]]]]"#);
    server.take_sent();
    server.peer.recv(&format!(r#"["pull",{}]"#, 2 * LEVELS));
    let sent = server.take_sent().concat();
    assert!(sent.contains("chunk: expected bytes, found a blob"), "{sent}");
}

#[test]
fn blobs_in_chunks() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let sent = [(1, blob(70_000)), (2, blob(0))];
    let source = RpcReadable::new(stream::iter(sent.clone().map(Ok::<_, RpcError>)));
    let back: RpcReadable<(u8, Blob)> = world.run(api.call("echo", (source,))).unwrap();
    let read: Vec<_> = world.run(back.collect());
    assert_eq!(read, sent.map(Ok));
    drop(api);
    world.finish();
}

#[test]
fn bodies() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    for (body, text) in [
        (Body::Empty, ""),
        (Body::from(""), ""),
        (Body::from("text"), "text"),
        (Body::from(b"bytes".to_vec()), "bytes"),
        (chunks(&[]).into(), ""),
        (chunks(&["one ", "", "two"]).into(), "one two"),
    ] {
        for method in ["echo", "echoValue"] {
            let (sent, streamed) = match &body {
                // A stream can be read once.
                Body::Stream(_) if method == "echo" => (chunks(&["one ", "two"]).into(), "one two"),
                body => (body.clone(), text),
            };
            let mut back: Response =
                world.run(api.call(method, (Response::new(sent.clone()),))).unwrap();
            let is_stream = |body: &Body| matches!(body, Body::Stream(_));
            assert_eq!(is_stream(back.body()), is_stream(&sent));
            let bytes = world.run(back.take_body().collect(100)).unwrap();
            assert_eq!(bytes.as_slice(), streamed.as_bytes(), "{sent:?}");
        }
    }
    let sent = [request(chunks(&["a", "b"])), request("x"), request(chunks(&["cd"]))];
    let mut back: [Request; 3] = world.run(api.call("echo", (&sent,))).unwrap();
    for (request, text) in back.iter_mut().zip(["ab", "x", "cd"]) {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers().get("x-test").as_deref(), Some("1"));
        assert_eq!(request.init("duplex"), Some(&Value::from("half")));
        let bytes = world.run(request.take_body().collect(100)).unwrap();
        assert_eq!(bytes.as_slice(), text.as_bytes());
    }
    drop((sent, back, api));
    world.finish();
}

#[test]
fn bodies_that_are_too_long_or_fail() {
    let (world, client, _server) = World::pair(Api::default());
    let api: RpcStub = client.peer.remote_main();
    let back = |body: Body| -> Body {
        let mut request: Request = world.run(api.call("echo", (request(body),))).unwrap();
        request.take_body()
    };
    for body in ["12345".into(), vec![0; 5].into(), chunks(&["123", "45"]).into()] {
        let error = world.run(back(body).collect(4)).unwrap_err();
        assert_eq!(error.to_string(), "RangeError: a body of more than 4 bytes");
    }
    let error = world.run(back(failing().into()).collect(4)).unwrap_err();
    assert_eq!(error.to_string(), "RangeError: torn");
    for body in [Body::from("12345"), vec![1; 70_000].into(), chunks(&["123", "45"]).into()] {
        let stream = back(body).into_stream().unwrap();
        assert!(world.run(stream.all(|chunk| std::future::ready(chunk.is_ok()))));
    }
    assert!(Body::Empty.into_stream().is_none());
    world.settle();
    drop(api);
    world.finish();
}
