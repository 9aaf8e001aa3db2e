//! The numbers of the format.

use std::ops::RangeInclusive;

pub(super) const VERSION: u8 = 2;

pub(super) const MAIN: u8 = 0;
pub(super) const PEER_MAIN: u8 = 1;
pub(super) const TARGET: u8 = 2;
pub(super) const VALUE: u8 = 3;
pub(super) const FAILED: u8 = 4;
pub(super) const PEER_STUB: u8 = 5;
pub(super) const PEER_PROMISE: u8 = 6;
pub(super) const PUSH: u8 = 7;
pub(super) const PULLED_PUSH: u8 = 8;

pub(super) const HAS_STACK: u8 = 1;
pub(super) const STACK_IS_SENT: u8 = 2;
pub(super) const HAS_PROPS: u8 = 4;
pub(super) const HAS_THROWN: u8 = 8;
pub(super) const FAILURE_FLAGS: u8 = HAS_STACK | STACK_IS_SENT | HAS_PROPS | HAS_THROWN;

pub(super) const MAIN_RELEASED: u8 = 0;
pub(super) const MAIN_HELD: u8 = 1;
pub(super) const MAIN_PULLED: u8 = 2;

pub(super) const IS_PROMISE: u64 = 1;
pub(super) const IS_KNOWN: u64 = 2;
pub(super) const IS_PULLED: u64 = 4;
pub(super) const EXPORT_FLAG_BITS: u32 = 3;

/// Words of these lengths are written once. Longer ones are not, because a few bytes could then
/// stand for as much text as they like.
const SHARED_WORD_BYTES: RangeInclusive<usize> = 2..=128;

/// More words are not looked through.
const MAX_SHARED_WORDS: usize = 64;

/// Enters a word into the list of those that later ones are compared with.
pub(super) fn share<'t>(words: &mut Vec<&'t str>, word: &'t str) {
    if words.len() < MAX_SHARED_WORDS && SHARED_WORD_BYTES.contains(&word.len()) {
        words.push(word);
    }
}
