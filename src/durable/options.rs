use crate::RpcResponseOptions;

/// How a Durable Object serves its sessions.
///
/// ```
/// use topsail::{RpcDurableOptions, RpcResponseOptions, Unnamed};
///
/// let options = RpcDurableOptions::new()
///     .response(RpcResponseOptions::new().allow_origins(["https://app.example"]))
///     .unnamed(Unnamed::Break);
/// ```
#[derive(Clone, Debug)]
pub struct RpcDurableOptions {
    pub(super) response: RpcResponseOptions,
    pub(super) unnamed: Unnamed,
    pub(super) logs_pins: bool,
}

impl RpcDurableOptions {
    /// The defaults: those of [`RpcResponseOptions`], [`Unnamed::Pin`], and in a build with debug
    /// assertions a line in the log when a session keeps the object awake.
    pub fn new() -> Self {
        RpcDurableOptions {
            response: RpcResponseOptions::new(),
            unnamed: Unnamed::Pin,
            logs_pins: cfg!(debug_assertions),
        }
    }

    /// What sessions grant their peers, and which web pages may use them.
    #[must_use]
    pub fn response(mut self, response: impl Into<RpcResponseOptions>) -> Self {
        self.response = response.into();
        self
    }

    /// What becomes of capabilities that cannot be saved.
    #[must_use]
    pub fn unnamed(mut self, unnamed: Unnamed) -> Self {
        self.unnamed = unnamed;
        self
    }

    /// Whether to log when a session keeps the object awake, and why.
    #[must_use]
    pub fn log_pins(mut self, logs: bool) -> Self {
        self.logs_pins = logs;
        self
    }
}

impl Default for RpcDurableOptions {
    fn default() -> Self {
        RpcDurableOptions::new()
    }
}

/// What becomes of a capability that cannot be saved: a target that is not durable and that the
/// client holds, or an object of the client's that the application holds in memory only.
///
/// Calls that run and streams that are open keep the object awake in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unnamed {
    /// It keeps the object awake for as long as it is held.
    #[default]
    Pin,
    /// The object sleeps all the same. What the client held rejects every use after waking, with
    /// an error that says why; the client's objects are released.
    Break,
}
