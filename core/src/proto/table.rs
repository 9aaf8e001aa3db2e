use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers under numbers that no peer chooses. The one hash table of this crate and made for
/// numbers, because an instance of the standard library's takes 5 KB of Wasm.
///
/// Open addressing: an entry stands at the place that its key hashes to or, where that is taken,
/// behind it, with no free place in between. A peer does choose which entries stay, so where they
/// stand is a secret.
#[derive(Debug)]
pub(crate) struct Table {
    /// A power of two of places, at most three quarters of them taken.
    places: Box<[Option<(u64, u64)>]>,
    len: usize,
    secret: u64,
}

const FEWEST_PLACES: usize = 2;

/// So many are not given back.
const KEPT_PLACES: usize = 64;

static SECRET: AtomicU64 = AtomicU64::new(0);

/// Gives the sessions made from now on a random number to hash by.
///
/// A peer that knows the number, as it does while there is none, can keep those results of its calls that
/// hash to the same places, and so make every message take time that grows with what it keeps.
pub fn set_table_secret(secret: u64) {
    SECRET.store(secret, Ordering::Relaxed);
}

impl Default for Table {
    fn default() -> Self {
        Table { places: Box::default(), len: 0, secret: SECRET.load(Ordering::Relaxed) }
    }
}

impl Table {
    pub(crate) fn get(&self, key: u64) -> Option<u64> {
        self.places.get(self.place(key)).copied().flatten().map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, key: u64) -> bool {
        self.get(key).is_some()
    }

    /// False if the key was there already. It has the new value in any case.
    #[inline(never)]
    pub(crate) fn insert(&mut self, key: u64, value: u64) -> bool {
        if self.len >= self.places.len() / 4 * 3 {
            self.resize((self.places.len() * 2).max(FEWEST_PLACES));
        }
        let place = self.place(key);
        let Some(place) = self.places.get_mut(place) else { return false };
        let is_new = place.replace((key, value)).is_none();
        self.len += usize::from(is_new);
        is_new
    }

    #[inline(never)]
    pub(crate) fn remove(&mut self, key: u64) -> Option<u64> {
        let mut free = self.place(key);
        let (_, removed) = self.places.get_mut(free)?.take()?;
        self.len -= 1;
        let mut at = self.after(free);
        while let Some((key, _)) = self.places.get(at).copied().flatten() {
            // It moves up unless it would come to stand before the place that it hashes to.
            let mask = self.mask();
            if at.wrapping_sub(self.home(key)) & mask >= at.wrapping_sub(free) & mask {
                self.places.swap(free, at);
                free = at;
            }
            at = self.after(at);
        }
        if self.len < self.places.len() / 8 && self.places.len() > KEPT_PLACES {
            self.resize(self.places.len() / 4);
        }
        Some(removed)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[cfg(feature = "peer")]
    pub(crate) fn clear(&mut self) {
        *self = Table::default();
    }

    #[cold]
    fn resize(&mut self, places: usize) {
        let old = std::mem::replace(&mut self.places, vec![None; places].into());
        for (key, value) in old.into_iter().flatten() {
            let place = self.place(key);
            if let Some(place) = self.places.get_mut(place) {
                *place = Some((key, value));
            }
        }
    }

    /// Where a key stands, or where it would.
    fn place(&self, key: u64) -> usize {
        let mut place = self.home(key);
        while let Some(&Some((other, _))) = self.places.get(place)
            && other != key
        {
            place = self.after(place);
        }
        place
    }

    fn home(&self, key: u64) -> usize {
        // The golden ratio: consecutive numbers end up far apart, most so in the high bits.
        let hash = (key ^ self.secret).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> 32) as usize & self.mask()
    }

    fn after(&self, place: usize) -> usize {
        (place + 1) & self.mask()
    }

    fn mask(&self) -> usize {
        self.places.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Table;

    /// Random operations, few keys: a table does as one of the standard library's does.
    #[test]
    fn as_a_map() {
        let (mut table, mut map) = (Table::default(), BTreeMap::new());
        let mut random = 1_u64;
        for value in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Multiples of 2^32 differ in few of the bits that choose the place.
            let key = (random >> 58) << if value % 2 == 0 { 0 } else { 32 };
            match random >> 40 & 1 {
                0 => assert_eq!(table.insert(key, value), map.insert(key, value).is_none()),
                _ => assert_eq!(table.remove(key), map.remove(&key)),
            }
            assert_eq!(table.get(key), map.get(&key).copied());
            assert_eq!(table.len(), map.len());
        }
        assert!(map.iter().all(|(&key, &value)| table.get(key) == Some(value)));
    }

    /// Of many entries a few stay: they are found, and the rest of the memory is given back.
    #[test]
    fn memory_follows_what_stays() {
        let mut table = Table::default();
        for key in 0..100_000 {
            table.insert(key, key);
        }
        for key in (0..100_000).filter(|key| key % 100 > 0) {
            assert_eq!(table.remove(key), Some(key));
        }
        let places = table.places.len();
        assert!(table.len() == 1_000 && places <= 16_000, "{places} places");
        assert!((0..100_000).all(|key| table.contains(key) == (key % 100 == 0)));
    }

    /// Of the numbers of many results a peer keeps those that hash to a quarter of the places: they
    /// stand in one run, unless there is a secret.
    #[test]
    fn a_peer_cannot_choose_the_places() {
        for (secret, is_run) in [(0, true), (0x0a3c_71e5_d209_6b47, false), (0xfa57_b00c, false)] {
            let mut table = Table { places: vec![None; 16_384].into(), len: 0, secret };
            let known = Table { places: vec![None; 16_384].into(), len: 0, secret: 0 };
            for key in (0..48_000).filter(|&key| known.home(key) < 4_096) {
                table.insert(key, key);
            }
            let taken = table.places.iter().map(Option::is_some);
            let runs = taken.scan(0, |run, is_taken| {
                *run = if is_taken { *run + 1 } else { 0 };
                Some(*run)
            });
            let (longest, len) = (runs.max().unwrap_or_default(), table.len());
            assert!(len > 11_000);
            assert_eq!(longest == len, is_run, "secret {secret:x}: a run of {longest} of {len}");
            assert!(is_run || longest < 1_000, "secret {secret:x}: a run of {longest}");
        }
    }
}
