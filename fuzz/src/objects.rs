//! The objects that are called.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::stream::{self, StreamExt};
use futures::{SinkExt, sink};
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use topsail_core::{
    Answer, Arguments, Durable, DurableTarget, IntoRpc, Outgoing, Property, RpcError, RpcReadable,
    RpcStub, RpcTarget, RpcWritable, Value, revive, rpc_pipe,
};

use crate::gate::Gate;

/// The methods of [`Main`], and that of [`Node`]. Where the transcripts' main object has the like, they have
/// its names.
pub(crate) const METHODS: [&str; 18] = [
    "square",
    "echo",
    "makeCounter",
    "volatile",
    "keep",
    "callKept",
    "dropKept",
    "call",
    "callFunction",
    "wait",
    "throwError",
    "list",
    "countTo",
    "collect",
    "sink",
    "pump",
    "pipe",
    "increment",
];

/// The most chunks of a stream.
const MAX_CHUNKS: u8 = 8;

/// The main object: makes the others.
#[derive(Default)]
pub(crate) struct Main {
    kept: RefCell<Option<RpcStub>>,
    pub(crate) gate: Rc<Gate>,
}

impl Main {
    pub(crate) fn new(gate: &Rc<Gate>) -> Rc<Main> {
        Rc::new(Main { kept: RefCell::default(), gate: Rc::clone(gate) })
    }

    fn wait(&self) -> Answer {
        let gate = Rc::clone(&self.gate);
        Answer::Pending(Box::pin(async move {
            gate.pass().await;
            7.into_rpc()
        }))
    }

    fn call_kept(&self, arguments: &mut Arguments<'_>) -> Result<Answer, RpcError> {
        let kept = self.kept.borrow().clone();
        let kept = kept.ok_or_else(|| RpcError::error("nothing is kept"))?;
        let argument: Outgoing = arguments.next()?;
        Ok(Answer::Pending(Box::pin(kept.invoke::<Outgoing>((argument,)).into_outgoing())))
    }
}

impl RpcTarget for Main {
    fn call(self: Rc<Self>, method: &str, arguments: Arguments<'_>) -> Answer {
        self.answer(method, arguments).unwrap_or_else(|error| Answer::Ready(Err(error)))
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        match property {
            "size" => Property::Value(Answer::Ready(5.into_rpc())),
            "child" => Property::Value(Answer::Ready(RpcStub::new(Node::default()).into_rpc())),
            _ if METHODS.contains(&property) => Property::Method,
            _ => Property::Missing,
        }
    }
}

impl Main {
    fn answer(&self, method: &str, mut arguments: Arguments<'_>) -> Result<Answer, RpcError> {
        Ok(Answer::Ready(match method {
            "square" => arguments.next::<f64>().and_then(|n| (n * n).into_rpc()),
            "echo" => arguments.next::<Outgoing>(),
            "makeCounter" => {
                let node = Node { value: arguments.next()?, links: arguments.rest()? };
                RpcStub::new(node).into_rpc()
            }
            "volatile" => RpcStub::new(Volatile).into_rpc(),
            "keep" => {
                self.kept.replace(Some(arguments.next()?));
                ().into_rpc()
            }
            "callKept" => return self.call_kept(&mut arguments),
            "dropKept" => {
                self.kept.take();
                ().into_rpc()
            }
            "call" | "callFunction" => return call(method, &mut arguments),
            "wait" => return Ok(self.wait()),
            "throwError" => Err(RpcError::range_error("failed")),
            "list" => {
                let node = || RpcStub::new(Node::default());
                vec![(1, node()), (2, node())].into_rpc()
            }
            _ => return stream(method, &mut arguments),
        }))
    }
}

/// Calls what it is given: its answer is a promise inside a value, or the promise itself.
fn call(method: &str, arguments: &mut Arguments<'_>) -> Result<Answer, RpcError> {
    let (on, argument): (RpcStub, Outgoing) = (arguments.next()?, arguments.next()?);
    let promise = on.invoke::<Outgoing>((argument,));
    Ok(match method {
        "call" => Answer::Ready(vec![promise].into_rpc()),
        _ => Answer::Pending(Box::pin(promise.into_outgoing())),
    })
}

fn stream(method: &str, arguments: &mut Arguments<'_>) -> Result<Answer, RpcError> {
    match method {
        "countTo" => {
            let end = arguments.next::<u8>()?.min(MAX_CHUNKS);
            let chunks = stream::iter(0..end).map(Ok::<_, RpcError>);
            Ok(Answer::Ready(RpcReadable::new(chunks).into_rpc()))
        }
        "collect" => {
            let stream: RpcReadable = arguments.next()?;
            Ok(Answer::Pending(Box::pin(async { drain(stream).await?.into_rpc() })))
        }
        "sink" => {
            let sink = sink::drain().sink_map_err(|never| match never {});
            Ok(Answer::Ready(RpcWritable::<Value>::new::<_>(sink).into_rpc()))
        }
        "pump" => {
            let (to, chunk): (RpcWritable<Outgoing>, Outgoing) =
                (arguments.next()?, arguments.next()?);
            Ok(Answer::Pending(Box::pin(async { feed(to, chunk).await?.into_rpc() })))
        }
        "pipe" => Ok(Answer::Ready(rpc_pipe::<Value>().into_rpc())),
        _ => Ok(Answer::NoSuchMethod),
    }
}

/// The number of chunks.
async fn drain(mut stream: RpcReadable) -> Result<u32, RpcError> {
    let mut count = 0;
    while let Some(chunk) = stream.next().await {
        chunk?;
        count += 1;
    }
    Ok(count)
}

async fn feed(mut to: RpcWritable<Outgoing>, chunk: Outgoing) -> Result<(), RpcError> {
    for _ in 0..3 {
        to.send(chunk.clone()).await?;
    }
    to.close().await
}

/// A durable target that holds a value and whatever stubs.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Node {
    value: Cell<u32>,
    links: Vec<RpcStub>,
}

impl Node {
    pub(crate) fn new(links: Vec<RpcStub>) -> Self {
        Node { value: Cell::new(0), links }
    }
}

impl RpcTarget for Node {
    fn call(self: Rc<Self>, method: &str, _arguments: Arguments<'_>) -> Answer {
        if method != "increment" {
            return Answer::NoSuchMethod;
        }
        self.value.update(|value| value.wrapping_add(1));
        Answer::Ready(self.value.get().into_rpc())
    }

    fn invoke(self: Rc<Self>, mut arguments: Arguments<'_>) -> Answer {
        match self.links.first() {
            // Sends it on, to a link that may lead anywhere.
            Some(link) => match arguments.next::<Outgoing>() {
                Ok(argument) => {
                    Answer::Pending(Box::pin(link.invoke::<Outgoing>((argument,)).into_outgoing()))
                }
                Err(error) => Answer::Ready(Err(error)),
            },
            None => Answer::Ready(arguments.next::<Outgoing>()),
        }
    }

    fn get(self: Rc<Self>, property: &str) -> Property {
        match property {
            "links" => Property::Value(Answer::Ready(self.links.clone().into_rpc())),
            "increment" => Property::Method,
            _ => Property::Missing,
        }
    }

    fn as_durable(&self) -> Option<&dyn DurableTarget> {
        Some(self)
    }
}

impl Durable for Node {
    const KIND: &'static str = "node";

    fn save_state<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn revive_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Node::deserialize(deserializer)
    }
}

pub(crate) fn revive_node(kind: &str, state: Outgoing) -> Result<Rc<dyn RpcTarget>, RpcError> {
    match kind {
        Node::KIND => revive::<Node>(state),
        _ => Err(RpcError::type_error("no such kind")),
    }
}

/// An object that does not outlive memory.
struct Volatile;

impl RpcTarget for Volatile {
    fn call(self: Rc<Self>, _method: &str, _arguments: Arguments<'_>) -> Answer {
        Answer::NoSuchMethod
    }

    fn invoke(self: Rc<Self>, mut arguments: Arguments<'_>) -> Answer {
        Answer::Ready(arguments.next::<Outgoing>())
    }

    fn get(self: Rc<Self>, _property: &str) -> Property {
        Property::Missing
    }
}
