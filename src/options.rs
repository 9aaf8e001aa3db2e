use std::rc::Rc;

use topsail_core::{Limits, RpcError, RpcSessionOptions};

use crate::native::NativeRules;

/// How a Worker serves a session: what the session grants its peer, and which web pages may use it.
///
/// [`RpcSessionOptions`] convert into it, so that they can be given wherever these are asked for.
///
/// ```
/// use topsail::{RpcError, RpcResponseOptions};
///
/// let options = RpcResponseOptions::new()
///     .allow_origins(["https://app.example"])
///     .on_send_error(|_| RpcError::error("internal error"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct RpcResponseOptions {
    pub(crate) session: RpcSessionOptions,
    pub(crate) origins: AllowedOrigins,
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
    /// Use the endpoint. The text is for `Access-Control-Allow-Origin`, if the browser needs one.
    Allowed(Option<String>),
    Denied,
}

impl AllowedOrigins {
    /// Decides by the request's headers `Origin` and `Host`.
    pub(crate) fn access(&self, origin: Option<String>, host: Option<&str>) -> Access {
        match (self, origin) {
            (AllowedOrigins::Any, _) => Access::Allowed(Some("*".to_owned())),
            (AllowedOrigins::Only(_), None) => Access::Allowed(None),
            (AllowedOrigins::Only(list), Some(origin)) => {
                if list.contains(&origin) || host.is_some_and(|host| is_own(&origin, host)) {
                    Access::Allowed(Some(origin))
                } else {
                    Access::Denied
                }
            }
        }
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
        let any = AllowedOrigins::Any;
        let only = AllowedOrigins::Only(vec![APP.to_owned()]);
        let allowed = |origin: &str| Access::Allowed(Some(origin.to_owned()));
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

    #[test]
    fn no_host_is_no_origin() {
        let own = AllowedOrigins::Only(Vec::new());
        assert_eq!(own.access(Some("null".to_owned()), None), Access::Denied);
    }
}
