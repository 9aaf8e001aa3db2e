//! From Rust names to names on the wire.

/// How the methods of a block are named on the wire, unless they say it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Rename {
    #[default]
    CamelCase,
    /// As written in Rust.
    None,
}

impl Rename {
    pub(crate) const KNOWN: &str = "\"camelCase\", \"none\"";

    pub(crate) fn from_str(text: &str) -> Option<Self> {
        match text {
            "camelCase" => Some(Rename::CamelCase),
            "none" => Some(Rename::None),
            _ => None,
        }
    }

    /// The wire name of a Rust identifier, which comes without `r#`.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Rename::CamelCase => camel_case(name),
            Rename::None => name.to_owned(),
        }
    }
}

/// `get_user_id` becomes `getUserId`. Leading underscores stay (a convention of JavaScript too),
/// trailing ones go (they only avoid a keyword, as in `type_`), and a letter after a digit keeps
/// its case, because there is nothing to tell `v2_beta` from `v2beta` but the underscore.
fn camel_case(name: &str) -> String {
    let words = name.trim_start_matches('_');
    let mut out = String::from(&name[..name.len() - words.len()]);
    for word in words.split('_').filter(|word| !word.is_empty()) {
        if out.ends_with(|last| last != '_') {
            let mut letters = word.chars();
            out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            out.push_str(letters.as_str());
        } else {
            out.push_str(word);
        }
    }
    out
}

/// Why no JavaScript client can reach a name, if that is so. A client's stub answers these itself:
/// `prop in RpcPromise.prototype` in npm capnweb 0.12, and the members of `Object.prototype` are
/// never looked up on the serving side either.
pub(crate) fn reserved(wire: &str) -> Option<&'static str> {
    match wire {
        "then" | "catch" | "finally" => Some("on the client it is the promise's own method"),
        "dup" | "map" | "onRpcBroken" => Some("on the client it is the stub's own method"),
        "toJSON" => Some("`JSON.stringify` calls it on the client, and the protocol drops it"),
        "constructor"
        | "__proto__"
        | "__defineGetter__"
        | "__defineSetter__"
        | "__lookupGetter__"
        | "__lookupSetter__"
        | "hasOwnProperty"
        | "isPrototypeOf"
        | "propertyIsEnumerable"
        | "toLocaleString"
        | "toString"
        | "valueOf" => {
            Some("it is a member of `Object.prototype`, which the protocol never crosses")
        }
        _ => None,
    }
}

/// Whether `RpcStub` or `RpcPromise` has a method of its own of this Rust name, so that
/// `stub.name()` would not reach the interface's.
pub(crate) fn shadowed(name: &str) -> bool {
    matches!(
        name,
        "call"
            | "cast"
            | "clone"
            | "dup"
            | "get"
            | "index"
            | "into_future"
            | "invoke"
            | "map"
            | "on_broken"
            | "poll"
            | "stub"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_of_rust_names() {
        for (rust, wire) in [
            ("hello", "hello"),
            ("get_user_id", "getUserId"),
            ("_private", "_private"),
            ("__two_words", "__twoWords"),
            ("__", "__"),
            ("type_", "type"),
            ("a__b", "aB"),
            ("sha_256", "sha256"),
            ("sha256_of", "sha256Of"),
            ("get_2d_point", "get2dPoint"),
            ("get_URL", "getURL"),
            ("über_maß", "überMaß"),
            ("x_éa", "xÉa"),
        ] {
            assert_eq!(Rename::CamelCase.apply(rust), wire, "{rust}");
            assert_eq!(Rename::None.apply(rust), rust);
        }
    }
}
