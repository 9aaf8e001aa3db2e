//! The members of `tests/transcripts/target.mjs` that read and write streams.

use std::collections::VecDeque;

use topsail_core::__private::decode;
use topsail_core::json::{View, write_str};
use topsail_core::proto::{AnswerId, Cap, CapId, Path, PullId, Session};
use topsail_core::{Bytes, IntoRpc, Payload, RpcError};

use super::args::Args;
use super::objects::Object;
use super::world::{Awaiting, Outcome, World};

/// The call that something is done for.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) answer: AnswerId,
    pub(super) args: Args,
}

/// A readable end that is read to its end.
#[derive(Debug)]
pub(super) struct Reading {
    on: CapId,
    what: What,
    /// What was read: each a list of one chunk.
    chunks: Vec<Payload<Cap>>,
    /// None for a sink, which has the readable end itself.
    caller: Option<Caller>,
}

/// What is done with the chunks.
#[derive(Debug)]
enum What {
    Collect,
    /// This stream, and the others in turn; what the earlier ones gave.
    CollectAll(VecDeque<CapId>, Vec<String>),
    /// So many; the rest is given up.
    Take(usize),
    /// Called with this argument.
    Call(f64),
    /// Logged; the chunk of this number is refused.
    Log(f64),
    /// The bytes are decoded.
    Text,
}

/// A writable end that is written to.
#[derive(Debug)]
pub(super) struct Feeding {
    on: CapId,
    /// Lists of one chunk.
    rest: VecDeque<Payload<Cap>>,
    /// In place of the end.
    failure: Option<RpcError>,
    is_over: bool,
    /// Who gets what when all is written.
    caller: Option<(Caller, f64)>,
}

impl World {
    /// Calls a method that streams; gives the arguments back if it is another method.
    pub(super) fn stream(&mut self, name: &str, caller: Caller) -> Option<Caller> {
        let args = &caller.args;
        let outcome = match name {
            "countTo" => self.feed(numbers(args.number(0)), None),
            "failingStream" => {
                self.feed(numbers(args.number(0)), Some(RpcError::error("stream boom")))
            }
            "bytesOf" => self.feed(pattern(args), None),
            "countersOf" => {
                let counters = (0..args.number(0) as u32).map(|i| self.counter(i)).collect();
                self.feed(counters, None)
            }
            "sink" => self.sink(f64::INFINITY),
            "fullSink" => self.sink(args.number(0)),
            "makeBlob" => self.make("blob", args),
            "makeRequest" => self.make("request", args),
            "makeResponse" => self.make("response", args),
            "collect" | "collectAll" | "take" | "callChunks" | "bodyText" => {
                self.start_reading(name, caller);
                return None;
            }
            "pump" | "pumpAndAbort" => {
                self.pump(name, caller);
                return None;
            }
            _ => return Some(caller),
        };
        self.finish(caller, Ok(outcome));
        None
    }

    fn counter(&mut self, value: u32) -> Payload<Cap> {
        let counter = self.export(Object::Counter(value.into()));
        list(|list| list.push_cap(Cap::Stub(counter)))
    }

    /// A readable stream of these chunks, each a list of one.
    fn feed(&mut self, chunks: Vec<Payload<Cap>>, failure: Option<RpcError>) -> Payload<Cap> {
        let (on, readable) = self.session.pipe();
        let rest = chunks.into();
        self.write_next(Feeding { on, rest, failure, is_over: false, caller: None });
        Payload::from_cap(Cap::Readable(readable))
    }

    fn sink(&mut self, refused: f64) -> Payload<Cap> {
        let (writable, on) = self.session.pipe();
        self.read_next(Reading { on, what: What::Log(refused), chunks: Vec::new(), caller: None });
        Payload::from_cap(Cap::Writable(writable))
    }

    /// A blob, request or response whose body is a stream of the bytes of a text.
    fn make(&mut self, kind: &str, args: &Args) -> Payload<Cap> {
        let at = usize::from(kind != "blob");
        let body = args.string(at).map(|text| self.feed(bytes_of_text(&text), None));
        let body = body.unwrap_or_else(|| Payload::from_text(String::from("null")));
        let headers = r#""headers":[["content-type","x/y"]]"#;
        let string = |index: usize| args.raw(index).unwrap_or_default();
        let (before, after) = match kind {
            "blob" => (format!("{},", string(1)), String::new()),
            "request" => (
                format!("{},{{\"method\":\"POST\",{headers},\"body\":", string(0)),
                String::from(",\"duplex\":\"half\"}"),
            ),
            _ => (String::new(), format!(",{{\"status\":{},{headers}}}", string(0))),
        };
        let mut value = Payload::from_text(format!("[\"{kind}\",{before}"));
        value.push_payload(&body, |cap| *cap);
        value.text_mut().push_str(&after);
        value.text_mut().push(']');
        value
    }

    fn start_reading(&mut self, name: &str, caller: Caller) {
        let args = &caller.args;
        let what = match name {
            "collect" => What::Collect,
            "take" => What::Take(args.number(1) as usize),
            "callChunks" => What::Call(args.number(1)),
            "collectAll" => What::CollectAll(self.caps_of_list(args), Vec::new()),
            _ => What::Text,
        };
        let (on, what) = match what {
            What::CollectAll(mut rest, lists) => (rest.pop_front(), What::CollectAll(rest, lists)),
            What::Text => (args.with(0, |view| body(args, view)).flatten(), What::Text),
            what => (args.cap(0), what),
        };
        match (on, &what) {
            (Some(on), _) => {
                self.read_next(Reading { on, what, chunks: Vec::new(), caller: Some(caller) });
            }
            (None, What::Text) => {
                let literal = args.with(0, |view| literal_body(args, view)).flatten();
                self.finish(caller, Ok(text_of(literal.as_slice())));
            }
            (None, _) => self.finish(caller, Err(RpcError::type_error("not a stream"))),
        }
    }

    fn caps_of_list(&self, args: &Args) -> VecDeque<CapId> {
        let list = |view: View<'_>| {
            let elements = view.escaped_array().into_iter().flat_map(View::elements);
            elements.filter_map(|element| args.cap_at(element)).collect()
        };
        args.with(0, list).unwrap_or_default()
    }

    fn read_next(&mut self, reading: Reading) {
        let (on, pull) = (reading.on, self.next_pull());
        let read = match reading.what {
            What::Log(_) => Session::consume,
            _ => Session::read,
        };
        self.awaiting.insert(pull, Awaiting::Read(reading));
        read(&mut self.session, on, pull, &mut self.turn);
    }

    /// A read has its result: a list of a chunk, or nothing at the end.
    pub(super) fn has_read(&mut self, mut reading: Reading, result: Outcome) {
        match result {
            Err(error) => self.end_reading(reading, Some(error)),
            Ok(list) if list.text().is_empty() => match &mut reading.what {
                What::CollectAll(rest, lists) => {
                    lists.push(array(&std::mem::take(&mut reading.chunks)));
                    match rest.pop_front() {
                        Some(on) => self.read_next(Reading { on, ..reading }),
                        None => self.end_reading(reading, None),
                    }
                }
                _ => self.end_reading(reading, None),
            },
            Ok(list) => self.has_chunk(reading, list),
        }
    }

    fn has_chunk(&mut self, mut reading: Reading, chunk: Payload<Cap>) {
        match reading.what {
            What::Call(argument) => {
                let Some(&Cap::Stub(function)) = chunk.caps().next() else { return };
                let argument = list(|list| list.text_mut().push_str(&argument.to_string()));
                let promise = self.session.call(function, &Path::new(), argument, &mut self.turn);
                self.session.release(function, &mut self.turn);
                reading.chunks.push(list(|list| list.push_cap(Cap::Promise(promise))));
            }
            What::Log(refused) => {
                reading.chunks.push(Payload::default());
                if reading.chunks.len() as f64 == refused {
                    let full = RpcError::range_error("full");
                    return self.session.cancel(reading.on, full, &mut self.turn);
                }
                self.log.push(inner(&chunk).to_owned());
            }
            _ => reading.chunks.push(chunk),
        }
        match reading.what {
            What::Take(wanted) if reading.chunks.len() == wanted => {
                self.session.retain(reading.on);
                let enough = RpcError::range_error("enough");
                self.session.cancel(reading.on, enough, &mut self.turn);
                self.end_reading(reading, None);
            }
            _ => self.read_next(reading),
        }
    }

    fn end_reading(&mut self, reading: Reading, failure: Option<RpcError>) {
        let Some(caller) = reading.caller else {
            let what_became = |error: RpcError| error.to_expression();
            self.log.push(failure.map_or_else(|| String::from("\"closed\""), what_became));
            return self.session.release(reading.on, &mut self.turn);
        };
        let value = match (&reading.what, failure) {
            (_, Some(error)) => Err(error),
            (What::CollectAll(_, lists), None) => {
                Ok(Payload::from_text(format!("[[{}]]", lists.join(","))))
            }
            (What::Text, None) => Ok(text_of(&reading.chunks)),
            _ => Ok(joined(&reading.chunks)),
        };
        self.finish(caller, value);
    }

    fn pump(&mut self, name: &str, caller: Caller) {
        let (to, n) = (caller.args.cap(0).expect("a writable"), caller.args.number(1));
        self.session.retain(to);
        let on = self.session.writer(to, &mut self.turn);
        let failure = (name == "pumpAndAbort").then(|| RpcError::range_error("given up"));
        let caller = Some((caller, n));
        let rest = numbers(n).into();
        self.write_next(Feeding { on, rest, failure, is_over: false, caller });
    }

    fn write_next(&mut self, mut feeding: Feeding) {
        self.write_at_once(&mut feeding);
        let method = match (feeding.rest.is_empty(), &feeding.failure) {
            (false, _) => "write",
            (true, Some(_)) => "abort",
            (true, None) => "close",
        };
        feeding.is_over = feeding.rest.is_empty();
        let reason = feeding.failure.as_ref().map(RpcError::to_expression).unwrap_or_default();
        let end = || list(|list| list.text_mut().push_str(&reason));
        let arguments = feeding.rest.pop_front().unwrap_or_else(end);
        let promise = self.session.call(feeding.on, &Path::of(method), arguments, &mut self.turn);
        let pull = self.next_pull();
        self.awaiting.insert(pull, Awaiting::Written(feeding));
        self.session.pull(promise, pull, &mut self.turn);
        self.session.release(promise, &mut self.turn);
    }

    /// Every other chunk is sent without a promise, if it can be.
    fn write_at_once(&mut self, feeding: &mut Feeding) {
        let chunk = if feeding.rest.len() % 2 == 1 { feeding.rest.pop_front() } else { None };
        let written =
            chunk.map(|chunk| self.session.write_at_once(feeding.on, chunk, &mut self.turn));
        if let Some(Err(chunk)) = written {
            feeding.rest.push_front(chunk);
        }
    }

    /// A write, `close` or `abort` is settled.
    pub(super) fn has_written(&mut self, feeding: Feeding, result: Outcome) {
        if result.is_ok() && !feeding.is_over {
            return self.write_next(feeding);
        }
        self.session.release(feeding.on, &mut self.turn);
        for mut chunk in feeding.rest {
            self.release_all(chunk.take_caps());
        }
        if let Some((caller, n)) = feeding.caller {
            let count = || Payload::from_text(n.to_string());
            self.finish(caller, result.map(|_| count()));
        }
    }

    fn next_pull(&mut self) -> PullId {
        self.last_pull += 1;
        PullId(self.last_pull)
    }
}

/// A list, as the arguments of a call, of what is written.
fn list(write: impl FnOnce(&mut Payload<Cap>)) -> Payload<Cap> {
    let mut list = Payload::from_text(String::from("["));
    write(&mut list);
    list.text_mut().push(']');
    list
}

/// What stands in a list of one element.
fn inner(list: &Payload<Cap>) -> &str {
    let text = list.text();
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).expect("a list")
}

fn array(chunks: &[Payload<Cap>]) -> String {
    let texts: Vec<&str> = chunks.iter().map(inner).collect();
    format!("[[{}]]", texts.join(","))
}

/// An array of what stands in lists of one element each.
fn joined(lists: &[Payload<Cap>]) -> Payload<Cap> {
    let mut value = Payload::from_text(String::from("[["));
    for (index, list) in lists.iter().enumerate() {
        if index > 0 {
            value.text_mut().push(',');
        }
        match list.caps().next() {
            Some(&cap) => value.push_cap(cap),
            None => value.text_mut().push_str(inner(list)),
        }
    }
    value.text_mut().push_str("]]");
    value
}

fn numbers(n: f64) -> Vec<Payload<Cap>> {
    let number = |i: u32| list(|list| list.text_mut().push_str(&i.to_string()));
    (1..=n as u32).map(number).collect()
}

/// The bytes 0, 1, … in chunks.
fn pattern(args: &Args) -> Vec<Payload<Cap>> {
    let (total, chunk) = (args.number(0) as u8, args.number(1) as usize);
    (0..total).collect::<Vec<u8>>().chunks(chunk).map(bytes).collect()
}

fn bytes_of_text(text: &str) -> Vec<Payload<Cap>> {
    if text.is_empty() { Vec::new() } else { vec![bytes(text.as_bytes())] }
}

fn bytes(bytes: &[u8]) -> Payload<Cap> {
    let value = Bytes::from(bytes.to_vec()).into_rpc().expect("bytes");
    list(|list| list.text_mut().push_str(value.text()))
}

/// The stream of a body that is one.
fn body(args: &Args, value: View<'_>) -> Option<CapId> {
    args.cap_at(body_view(value)?)
}

/// A body that is text or bytes, as a chunk.
fn literal_body(args: &Args, value: View<'_>) -> Option<Payload<Cap>> {
    let body =
        body_view(value).filter(|body| args.cap_at(*body).is_none() && body.raw() != "null")?;
    Some(match body.as_str() {
        Some(text) => bytes(text.as_bytes()),
        None => list(|list| list.text_mut().push_str(body.raw())),
    })
}

fn body_view(value: View<'_>) -> Option<View<'_>> {
    let kind = value.elements().next().and_then(View::plain_str)?;
    match kind {
        "response" => value.elements().nth(1),
        "blob" => value.elements().nth(2),
        "request" => {
            let mut members = value.elements().nth(2)?.members();
            members.find(|(key, _)| key.plain_str() == Some("body")).map(|(_, body)| body)
        }
        _ => None,
    }
}

fn text_of(chunks: &[Payload<Cap>]) -> Payload<Cap> {
    let decoded = |chunk: &Payload<Cap>| {
        decode::<Bytes>(Payload::from_text(inner(chunk).to_owned())).expect("bytes").to_vec()
    };
    let bytes: Vec<u8> = chunks.iter().flat_map(decoded).collect();
    let mut value = Payload::empty();
    write_str(value.text_mut(), &String::from_utf8(bytes).expect("text"));
    value
}
