use std::hash::{BuildHasher, Hasher};

/// Hashes the numbers of the session's own sequences, which no peer chooses, by one
/// multiplication. Not for numbers from the wire.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct IdHasher(u64);

impl BuildHasher for IdHasher {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        *self
    }
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio: consecutive numbers end up far apart, in the high bits too.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }
}
