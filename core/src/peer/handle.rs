use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::inner::PeerInner;
use super::tasks::Driver;
use super::{RpcStub, RpcTarget, Transport};
use crate::RpcError;
use crate::json::lines;
use crate::proto::{BytesChunk, Limits, Stats};

/// One end of a session: objects of this side, stubs of the other's, and the methods that run.
///
/// The host gives it messages and drives it; the way out is the [`Transport`]. A clone is the
/// same peer.
///
/// ```
/// use std::rc::Rc;
/// use topsail_core::{
///     Answer, Arguments, IntoRpc, Outbox, Peer, Property, RpcSessionOptions, RpcTarget, Transport,
/// };
///
/// struct Api;
///
/// impl RpcTarget for Api {
///     fn call(self: Rc<Self>, method: &str, mut arguments: Arguments<'_>) -> Answer {
///         match method {
///             "square" => Answer::Ready(arguments.next::<i64>().and_then(|i| (i * i).into_rpc())),
///             _ => Answer::NoSuchMethod,
///         }
///     }
///
///     fn get(self: Rc<Self>, _property: &str) -> Property {
///         Property::Missing
///     }
/// }
///
/// struct Answers;
///
/// impl Transport for Answers {
///     fn send(&self, messages: &Outbox) {
///         assert_eq!(messages.as_str(), r#"["resolve",1,25]"#);
///     }
/// }
///
/// let peer = Peer::new(Some(Rc::new(Api)), Answers, RpcSessionOptions::default());
/// peer.recv_batch("[\"push\",[\"pipeline\",0,[\"square\"],[5]]]\n[\"pull\",1]");
/// ```
#[derive(Clone)]
pub struct Peer(pub(super) Rc<PeerInner>);

/// Options of a session.
///
/// ```
/// use topsail_core::{Limits, RpcError, RpcSessionOptions};
///
/// let mut limits = Limits::default();
/// limits.max_message_bytes = 1 << 20;
/// limits.max_calls_in_flight = 1_000;
/// let options = RpcSessionOptions::new()
///     .limits(limits)
///     .on_send_error(|error| match error.kind() {
///         "TypeError" | "RangeError" => error,
///         _ => RpcError::error("internal error"),
///     });
/// assert_eq!(options.limits.max_message_bytes, 1 << 20);
/// assert_eq!(options.limits.max_depth_levels, 256);
/// ```
#[derive(Clone, Default)]
pub struct RpcSessionOptions {
    /// What the peer is granted.
    pub limits: Limits,
    /// Sees each error that goes to the peer as the rejection of a call or as the reason of
    /// [`abort`](Peer::abort), and gives the one that is sent instead: to log it, or to hide what
    /// is internal. Errors inside results, sent as values, do not pass it, nor do those that the
    /// protocol itself raises.
    pub on_send_error: Option<Rc<dyn Fn(RpcError) -> RpcError>>,
    /// Of the host alone.
    pub(super) host_setting: u32,
}

impl RpcSessionOptions {
    /// The default limits, and errors go out as they are.
    pub fn new() -> Self {
        RpcSessionOptions::default()
    }

    /// Sets [`limits`](#structfield.limits). Start from [`Limits::default`], and assign to its
    /// fields.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`on_send_error`](#structfield.on_send_error).
    #[must_use]
    pub fn on_send_error(mut self, rewrite: impl Fn(RpcError) -> RpcError + 'static) -> Self {
        self.on_send_error = Some(Rc::new(rewrite));
        self
    }

    /// Sets what `host_setting` gives while a turn of the session runs.
    #[doc(hidden)]
    #[must_use]
    pub fn host_setting(mut self, setting: u32) -> Self {
        self.host_setting = setting;
        self
    }
}

impl Peer {
    /// A new session. The other side sees `main` as its main object.
    pub fn new(
        main: Option<Rc<dyn RpcTarget>>,
        transport: impl Transport + 'static,
        options: RpcSessionOptions,
    ) -> Peer {
        Peer(PeerInner::new(main, Some(Rc::new(transport)), options))
    }

    /// Takes a message from the other side. When it returns, all calls in it have been made, each
    /// method was polled once, and what follows was sent.
    ///
    /// From within a method or callback of the same session, the message is kept until that has
    /// returned.
    pub fn recv(&self, text: &str) {
        self.0.receive(std::iter::once(text));
    }

    /// Takes many messages, one a line, as one: what follows is sent once, at the end.
    pub fn recv_batch(&self, body: &str) {
        self.0.receive(lines(body));
    }

    /// Takes a message that writes bytes into a pipe, as [`recv`](Self::recv) does, from a host that has
    /// decoded the bytes.
    pub fn recv_chunk(&self, chunk: BytesChunk) {
        self.0.receive_chunk(chunk);
    }

    /// No more messages will come, and the other side still listens: the end of an HTTP batch.
    /// What waits for the other side rejects, what does not goes on.
    pub fn end_of_input(&self) {
        self.0.input(|state| state.session.end_of_input(&mut state.turn));
    }

    /// Ends the session and tells the other side why.
    pub fn abort(&self, error: RpcError) {
        let error = self.0.rewrite(error);
        self.0.input(|state| state.session.abort(error, &mut state.turn));
    }

    /// Whether nobody would notice the end of the session: all is sent that the other side waits for,
    /// no method runs, and nothing but this one handle refers to the session. Then it need not be
    /// [`disconnected`](Self::disconnected), only dropped.
    pub fn is_done(&self) -> bool {
        Rc::strong_count(&self.0) == 1 && !self.0.has_work() && self.0.is_done()
    }

    /// The connection is gone. What waits for the other side rejects with `error`, and all that
    /// it held is dropped. Methods that run go on to their end; nobody gets their results.
    pub fn disconnected(&self, error: RpcError) {
        self.0.input(|state| state.session.disconnected(error, &mut state.turn));
    }

    /// Drives the session: runs the methods that were not ready at once, and sends what stubs
    /// and promises ask for outside of [`recv`](Self::recv). The host spawns it, once. It ends
    /// when the session has ended and no method runs.
    pub fn run(&self) -> impl Future<Output = ()> + 'static {
        let driver = Driver::new(Rc::clone(&self.0));
        poll_fn(move |cx| {
            let is_idle = driver.drive(cx);
            if is_idle && driver.peer.is_closed() { Poll::Ready(()) } else { Poll::Pending }
        })
    }

    /// Drives the session until no result that the other side has asked for is outstanding, or
    /// the session has ended: an HTTP batch can then be answered.
    pub fn drained(&self) -> impl Future<Output = ()> + 'static {
        let driver = Driver::new(Rc::clone(&self.0));
        poll_fn(move |cx| {
            let inner = &driver.peer;
            // A batch whose calls were all ready leaves nothing to be woken for.
            if inner.is_drained() && !inner.has_work() {
                return Poll::Ready(());
            }
            driver.drive(cx);
            let is_drained = inner.is_drained();
            inner.has_drainers.set(!is_drained);
            if is_drained { Poll::Ready(()) } else { Poll::Pending }
        })
    }

    /// The other side's main object.
    pub fn remote_main<T: ?Sized>(&self) -> RpcStub<T> {
        RpcStub::from_raw(self.0.remote_main())
    }

    /// Whether nobody has a use for the session: see [`Session::is_unused`](crate::proto::Session).
    /// Stubs that were dropped count until the next turn.
    pub fn is_unused(&self) -> bool {
        self.0.is_unused()
    }

    /// How much the session holds.
    pub fn stats(&self) -> Stats {
        self.0.state.borrow().session.stats()
    }

    /// Why the session has ended, if it has.
    pub fn closed(&self) -> Option<RpcError> {
        self.0.state.borrow().session.closed().cloned()
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl fmt::Debug for RpcSessionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcSessionOptions").field("limits", &self.limits).finish_non_exhaustive()
    }
}
