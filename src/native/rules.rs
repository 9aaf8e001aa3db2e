/// What becomes of values that Workers RPC has and the protocol has not.
///
/// The rules are those of a native stub ([`stub_with_rules`](super::stub_with_rules)) and of all
/// that comes from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NativeRules {
    /// A `Map`.
    pub map: MapRule,
    /// A `Set`.
    pub set: SetRule,
    /// A `RegExp`.
    pub regexp: RegExpRule,
}

/// What becomes of a `Map`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapRule {
    /// An array of its entries: `[[key, value], …]`.
    #[default]
    Entries,
    /// An object. Keys that are not strings are refused.
    Object,
    /// Refused: the call rejects with a `TypeError` that names the place.
    Refuse,
}

/// What becomes of a `Set`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetRule {
    /// An array.
    #[default]
    Array,
    /// Refused, as [`MapRule::Refuse`].
    Refuse,
}

/// What becomes of a `RegExp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegExpRule {
    /// `{source, flags}`.
    #[default]
    Source,
    /// Refused, as [`MapRule::Refuse`].
    Refuse,
}

impl NativeRules {
    /// As bits, for `encode.js`.
    pub(super) fn bits(self) -> u32 {
        let map = match self.map {
            MapRule::Entries => 0,
            MapRule::Object => 1,
            MapRule::Refuse => 2,
        };
        let set = if self.set == SetRule::Refuse { 4 } else { 0 };
        let regexp = if self.regexp == RegExpRule::Refuse { 8 } else { 0 };
        map | set | regexp
    }
}
