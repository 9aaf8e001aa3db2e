use topsail_core::__private::host_setting;
use topsail_core::RpcSessionOptions;

/// What becomes of values that Workers RPC has and the protocol has not.
///
/// A session has rules ([`RpcResponseOptions::native_rules`](crate::RpcResponseOptions::native_rules)
/// where it is served, [`of_session`](NativeRules::of_session) where it is opened) for the calls that
/// its peer makes on native objects. A native stub may have its own, which then hold for all calls on
/// it and on what comes from it ([`stub_with_rules`](super::stub_with_rules)). What Rust calls itself
/// follows the stub's rules, or the default.
///
/// ```
/// use topsail::RpcResponseOptions;
/// use topsail::native::{MapRule, NativeRules};
///
/// let rules = NativeRules { map: MapRule::Object, ..NativeRules::default() };
/// let options = RpcResponseOptions::new().native_rules(rules);
/// ```
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
    /// Sets the rules of a session.
    #[must_use]
    pub fn of_session(self, options: RpcSessionOptions) -> RpcSessionOptions {
        options.host_setting(self.bits())
    }

    /// The rules of the session whose turn runs.
    pub(super) fn current() -> Self {
        NativeRules::from_bits(host_setting())
    }

    fn from_bits(bits: u32) -> Self {
        let map = match bits & 3 {
            1 => MapRule::Object,
            2 => MapRule::Refuse,
            _ => MapRule::Entries,
        };
        let set = if bits & 4 == 0 { SetRule::Array } else { SetRule::Refuse };
        let regexp = if bits & 8 == 0 { RegExpRule::Source } else { RegExpRule::Refuse };
        NativeRules { map, set, regexp }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_back() {
        for map in [MapRule::Entries, MapRule::Object, MapRule::Refuse] {
            for set in [SetRule::Array, SetRule::Refuse] {
                for regexp in [RegExpRule::Source, RegExpRule::Refuse] {
                    let rules = NativeRules { map, set, regexp };
                    assert_eq!(NativeRules::from_bits(rules.bits()), rules);
                }
            }
        }
        assert_eq!(NativeRules::default().bits(), 0, "what sessions have that say nothing");
    }
}
