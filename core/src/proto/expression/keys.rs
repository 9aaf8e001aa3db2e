/// Whether a key is one that no value may carry over the wire: a member of JavaScript's
/// `Object.prototype`, or `toJSON`. Such members of objects are dropped and such properties read
/// as undefined, as npm `capnweb` 0.12.0 does.
pub(crate) fn is_forbidden_key(key: &str) -> bool {
    matches!(
        key,
        "constructor"
            | "hasOwnProperty"
            | "isPrototypeOf"
            | "propertyIsEnumerable"
            | "toLocaleString"
            | "toString"
            | "valueOf"
            | "toJSON"
            | "__proto__"
            | "__defineGetter__"
            | "__defineSetter__"
            | "__lookupGetter__"
            | "__lookupSetter__"
    )
}
