/// Entries by number, in order. For numbers that a peer chooses: no choice of them makes it slow,
/// as it would a hash table. An instance of the standard library's `BTreeMap` takes 6 KB of Wasm.
#[derive(Debug)]
pub struct Ordered<T> {
    /// Each with at least one entry. All numbers of one are less than those of the next.
    chunks: Vec<Vec<(i64, T)>>,
    len: usize,
}

/// So few that it costs little to move them, so many that there are few chunks.
const MAX_CHUNK: usize = 256;

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Ordered { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Ordered<T> {
    /// With memory for a first chunk and no more.
    pub fn with_one_chunk() -> Self {
        Ordered { chunks: Vec::with_capacity(1), len: 0 }
    }

    /// The entry of a number.
    pub fn get(&self, number: i64) -> Option<&T> {
        let (chunk, at) = self.find(number)?;
        self.chunks.get(chunk)?.get(at).map(|(_, entry)| entry)
    }

    /// As [`get`](Self::get).
    pub fn get_mut(&mut self, number: i64) -> Option<&mut T> {
        let (chunk, at) = self.find(number)?;
        self.chunks.get_mut(chunk)?.get_mut(at).map(|(_, entry)| entry)
    }

    /// Adds an entry. The number must be a new one.
    #[inline(never)]
    pub fn insert(&mut self, number: i64, entry: T) {
        self.len += 1;
        let index = self.chunk(number);
        let Some(chunk) = self.chunks.get_mut(index) else {
            return self.chunks.push(vec![(number, entry)]);
        };
        let at = chunk.partition_point(|(other, _)| *other < number);
        chunk.insert(at, (number, entry));
        if chunk.len() > MAX_CHUNK {
            // Numbers mostly ascend or descend: a chunk that has grown at its end stays full.
            let rest = chunk.split_off(if at == MAX_CHUNK { at } else { MAX_CHUNK / 2 });
            self.chunks.insert(index + 1, rest);
        }
    }

    /// Takes an entry out.
    #[inline(never)]
    pub fn remove(&mut self, number: i64) -> Option<T> {
        let (index, at) = self.find(number)?;
        let chunk = self.chunks.get_mut(index)?;
        let (_, entry) = chunk.remove(at);
        if chunk.is_empty() {
            self.chunks.remove(index);
        } else if chunk.len() < chunk.capacity() / 4 {
            // Whoever chooses which numbers stay could have one entry stay in each of many chunks.
            chunk.shrink_to(2 * chunk.len());
        }
        self.len -= 1;
        Some(entry)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.chunks.iter().flatten().map(|(number, entry)| (*number, entry))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(never)]
    fn find(&self, number: i64) -> Option<(usize, usize)> {
        let index = self.chunk(number);
        let at = self.chunks.get(index)?.binary_search_by_key(&number, |(other, _)| *other);
        Some((index, at.ok()?))
    }

    /// The chunk that a number belongs to, if there is any.
    fn chunk(&self, number: i64) -> usize {
        let starts_before =
            |chunk: &Vec<(i64, T)>| chunk.first().is_some_and(|(first, _)| *first <= number);
        self.chunks.partition_point(starts_before).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Ordered;

    /// Random operations, then ascending and descending ones: the entries are those of a map of
    /// the standard library.
    #[test]
    fn as_a_map() {
        let (mut ordered, mut map) = (Ordered::default(), BTreeMap::new());
        let mut random = 1_u64;
        for value in 0..20_000_i64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = match value / 5_000 {
                0 | 1 => (random >> 52) as i64 - 2_048,
                2 => value,
                _ => -value,
            };
            if random >> 40 & 3 == 0 || map.contains_key(&number) {
                assert_eq!(ordered.remove(number), map.remove(&number));
            } else {
                ordered.insert(number, value);
                map.insert(number, value);
            }
            assert_eq!(ordered.get(number), map.get(&number));
            assert_eq!(ordered.get_mut(number), map.get_mut(&number));
            assert_eq!(ordered.len(), map.len());
        }
        assert!(ordered.iter().eq(map.iter().map(|(number, value)| (*number, value))));
        for number in map.keys() {
            assert!(ordered.remove(*number).is_some());
        }
        assert_eq!((ordered.len(), ordered.chunks.len()), (0, 0));
    }

    /// Of many entries a few stay, spread over all chunks: the rest of the memory is given back.
    #[test]
    fn memory_follows_what_stays() {
        let mut ordered = Ordered::default();
        (0..100_000).for_each(|number| ordered.insert(number, ()));
        for number in (0..100_000).filter(|number| number % 100 > 0) {
            ordered.remove(number);
        }
        let places: usize = ordered.chunks.iter().map(Vec::capacity).sum();
        assert!(ordered.len() == 1_000 && places <= 4_000, "{places} places");
    }
}
