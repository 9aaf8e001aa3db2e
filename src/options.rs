use std::rc::Rc;

use topsail_core::{Limits, RpcError, RpcSessionOptions};

use crate::native::NativeRules;

/// How a Worker serves a session: what the session grants its peer, and which web pages may use it.
///
/// [`RpcSessionOptions`] convert into it, so that they can be given wherever these are asked for.
///
/// ```
/// use topsail::{Limits, RpcError, RpcResponseOptions};
///
/// let mut limits = Limits::default();
/// limits.max_calls_in_flight = 1_000;
/// let options = RpcResponseOptions::new()
///     .limits(limits)
///     .allow_origins(["https://app.example"])
///     .on_send_error(|_| RpcError::error("internal error"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RpcResponseOptions {
    pub(crate) session: RpcSessionOptions,
    pub(crate) origins: AllowedOrigins,
    pub(crate) are_credentials_allowed: bool,
}

impl RpcResponseOptions {
    /// The defaults: those of [`RpcSessionOptions`], and pages of any origin.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`RpcSessionOptions::limits`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.session.limits = limits;
        self
    }

    /// Sets [`RpcSessionOptions::on_send_error`].
    #[must_use]
    pub fn on_send_error(mut self, rewrite: impl Fn(RpcError) -> RpcError + 'static) -> Self {
        self.session.on_send_error = Some(Rc::new(rewrite));
        self
    }

    /// Sets what becomes of a `Map`, `Set` or `RegExp` that a native object gives to the peer of
    /// the session, where the object's stub has no rules of its own.
    #[must_use]
    pub fn native_rules(mut self, rules: NativeRules) -> Self {
        self.session = rules.of_session(self.session);
        self
    }

    /// Lets only pages of these origins (`https://app.example`, with the port unless it is the
    /// scheme's own) and of the Worker's own origin use the endpoint; an empty list leaves the
    /// Worker's own. See [`AllowedOrigins::Only`].
    #[must_use]
    pub fn allow_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = AllowedOrigins::Only(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Lets pages of the [listed origins](Self::allow_origins) read the answer to a batch that they send
    /// with the browser's credentials for the Worker, such as cookies: `fetch` with
    /// `credentials: "include"`. It is answered with `Access-Control-Allow-Credentials: true`.
    ///
    /// Has no effect for other pages: the Worker's own need no permission, and with
    /// [`AllowedOrigins::Any`], where none is listed, any page could act as the user of the browser. Nor
    /// has it for `null`, even if that is listed: it is the origin of whatever page stands in a sandbox.
    ///
    /// Batches run and WebSockets are opened with the browser's credentials in any case, if the origin is
    /// allowed: this only lets pages read the answer.
    #[must_use]
    pub fn allow_credentials(mut self) -> Self {
        self.are_credentials_allowed = true;
        self
    }

    /// What a request may do, by its headers `Origin` and `Host`.
    pub(crate) fn access(&self, origin: Option<String>, host: Option<&str>) -> Access {
        let AllowedOrigins::Only(list) = &self.origins else { return Access::any() };
        let Some(origin) = origin else { return Access::Allowed(None) };
        let is_listed = list.contains(&origin);
        if !is_listed && !host.is_some_and(|host| is_own(&origin, host)) {
            return Access::Denied;
        }
        let is_page = !matches!(origin.as_str(), "*" | "null");
        let has_credentials = self.are_credentials_allowed && is_listed && is_page;
        Access::Allowed(Some(Readers { origin, has_credentials }))
    }
}

impl From<RpcSessionOptions> for RpcResponseOptions {
    fn from(options: RpcSessionOptions) -> Self {
        RpcResponseOptions { session: options, ..Self::default() }
    }
}

/// The origins whose pages may use an endpoint.
///
/// A browser asks for permission (CORS) before it shows a page the answer to a batch, but not
/// before it opens a WebSocket for it. Both are therefore checked here by the header `Origin`,
/// which browsers send and pages cannot forge. Clients that are no browsers do not send it and are
/// not held up: this protects users of browsers, and does not authenticate anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Pages of any origin, as with npm `capnweb`: a batch is answered with
    /// `Access-Control-Allow-Origin: *`. Right for an API whose credentials are arguments of
    /// calls; an API that relies on cookies must not use it.
    #[default]
    Any,
    /// Pages of the listed origins and of the Worker's own. A request of any other page is
    /// answered with 403.
    Only(Vec<String>),
}

/// What a request's origin may do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Use the endpoint. Whose pages may read the answer, if the browser has to be told.
    Allowed(Option<Readers>),
    Denied,
}

/// The pages that may read an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Readers {
    /// For `Access-Control-Allow-Origin`.
    pub(crate) origin: String,
    /// Also where the request has the browser's credentials.
    pub(crate) has_credentials: bool,
}

impl Access {
    fn any() -> Self {
        Access::Allowed(Some(Readers { origin: "*".to_owned(), has_credentials: false }))
    }
}

/// The Worker's own scheme is not known behind its runtime: the authority decides.
fn is_own(origin: &str, host: &str) -> bool {
    let authority =
        origin.split_once(':').and_then(|(_, rest)| rest.as_bytes().strip_prefix(b"//"));
    authority == Some(host.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example";

    #[test]
    fn access_by_origin_and_host() {
        let any = RpcResponseOptions::new();
        let only = any.clone().allow_origins([APP]);
        let allowed = |origin: &str| readable(origin, false);
        let rows = [
            (&any, None, allowed("*")),
            (&any, Some(APP), allowed("*")),
            (&only, None, Access::Allowed(None)),
            (&only, Some(APP), allowed(APP)),
            (&only, Some("https://api.example:8443"), allowed("https://api.example:8443")),
            (&only, Some("https://api.example"), Access::Denied),
            (&only, Some("http://app.example"), Access::Denied),
            (&only, Some("https://app.example.evil.example"), Access::Denied),
            (&only, Some("null"), Access::Denied),
        ];
        for (origins, origin, expected) in rows {
            let access = origins.access(origin.map(str::to_owned), Some("api.example:8443"));
            assert_eq!(access, expected, "{origins:?} {origin:?}");
        }
    }

    fn readable(origin: &str, has_credentials: bool) -> Access {
        Access::Allowed(Some(Readers { origin: origin.to_owned(), has_credentials }))
    }

    #[test]
    fn credentials_are_for_pages_of_listed_origins() {
        let any = RpcResponseOptions::new().allow_credentials();
        let only = any.clone().allow_origins([APP, "null", "*"]);
        let rows = [
            (&any, None, readable("*", false)),
            (&any, Some(APP), readable("*", false)),
            (&only, None, Access::Allowed(None)),
            (&only, Some(APP), readable(APP, true)),
            (&only, Some("null"), readable("null", false)),
            (&only, Some("*"), readable("*", false)),
            (&only, Some("http://api.example:8443"), readable("http://api.example:8443", false)),
            (&only, Some("http://app.example"), Access::Denied),
        ];
        for (options, origin, expected) in rows {
            let access = options.access(origin.map(str::to_owned), Some("api.example:8443"));
            assert_eq!(access, expected, "{options:?} {origin:?}");
        }
    }

    #[test]
    fn no_host_is_no_origin() {
        let own = RpcResponseOptions::new().allow_origins(Vec::<String>::new());
        assert_eq!(own.access(Some("null".to_owned()), None), Access::Denied);
    }
}
