use crate::places::{KEPT, Linked, Links, new_links, next_vacant, taken, vacate};

/// Entries under keys that are never used twice: a key of a removed entry finds nothing, though
/// its place is reused.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    /// How many entries there are.
    len: u32,
    /// Counts the entries that there have been: those of one place would be forgotten with it.
    generation: u32,
}

#[derive(Debug)]
struct Place<T> {
    /// Of the last entry.
    generation: u32,
    links: Links,
    entry: Option<T>,
}

impl<T> Linked for Place<T> {
    fn links(&self) -> Links {
        self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }

    fn is_vacant(&self) -> bool {
        self.entry.is_none()
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { places: Vec::new(), len: 0, generation: 0 }
    }
}

impl<T> Slab<T> {
    /// With memory for so many entries and no more.
    pub(crate) fn with_capacity(entries: usize) -> Self {
        Slab { places: Vec::with_capacity(entries), ..Slab::default() }
    }

    pub(crate) fn insert(&mut self, entry: T) -> u64 {
        let generation = self.generation;
        self.generation = generation.wrapping_add(1);
        let vacant = next_vacant(&self.places, self.len);
        self.len += 1;
        if let Some(index) = vacant
            && let Some(place) = self.places.get_mut(index as usize)
        {
            (place.generation, place.entry) = (generation, Some(entry));
            return key(generation, index);
        }
        let (links, index) = (new_links(&self.places), self.places.len() as u32);
        self.places.push(Place { generation, links, entry: Some(entry) });
        key(generation, index)
    }

    pub(crate) fn get(&self, key: u64) -> Option<&T> {
        let place = self.places.get(index(key))?;
        place.entry.as_ref().filter(|_| place.generation == generation(key))
    }

    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        let place = self.places.get_mut(index(key))?;
        place.entry.as_mut().filter(|_| place.generation == generation(key))
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// Whether most of what is walked by [`in_place`](Self::in_place) is vacant.
    pub(crate) fn is_sparse(&self) -> bool {
        self.places.len() > KEPT && self.len() < self.places.len() / 4
    }

    /// All entries, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        taken(&self.places, self.len()).filter_map(|index| {
            let place = self.places.get(index as usize)?;
            Some((key(place.generation, index), place.entry.as_ref()?))
        })
    }

    /// All entries, mostly in the order in which they were entered.
    pub(crate) fn in_place(&self) -> impl Iterator<Item = (u64, &T)> {
        self.places.iter().zip(0..).filter_map(|(place, index)| {
            Some((key(place.generation, index), place.entry.as_ref()?))
        })
    }

    pub(crate) fn remove(&mut self, key: u64) -> Option<T> {
        let place = self.places.get_mut(index(key))?;
        if place.generation != generation(key) {
            return None;
        }
        let entry = place.entry.take()?;
        let links = place.links;
        self.len -= 1;
        vacate(&mut self.places, links, self.len);
        Some(entry)
    }

    /// Removes all entries, and gives them in the order of their places.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        self.len = 0;
        std::mem::take(&mut self.places).into_iter().filter_map(|place| place.entry).collect()
    }
}

fn key(generation: u32, index: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(index)
}

fn index(key: u64) -> usize {
    key as u32 as usize
}

fn generation(key: u64) -> u32 {
    (key >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{KEPT, Slab};

    /// Random operations with more and fewer entries in turn: what is in the slab is what was put into
    /// it, and no key is given twice, though places are given back and made again.
    #[test]
    fn keys_are_never_used_twice() {
        let (mut slab, mut live, mut keys) = (Slab::default(), Vec::new(), HashSet::new());
        let (mut random, mut most, mut is_given_back) = (1_u64, 0, false);
        for value in 0..40_000_u64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let wanted = if value / 4_000 % 2 == 0 { 3 } else { 0 };
            if random >> 62 < wanted {
                let key = slab.insert(value);
                assert!(keys.insert(key), "{key:x} was given twice");
                live.push((key, value));
            } else if !live.is_empty() {
                let (key, value) = live.swap_remove((random >> 20) as usize % live.len());
                assert_eq!((slab.remove(key), slab.remove(key)), (Some(value), None));
                assert_eq!((slab.get(key).copied(), slab.get_mut(key)), (None, None));
            }
            most = most.max(slab.places.len());
            is_given_back |= slab.places.len() < most / 2;
            assert_eq!((slab.len(), slab.iter().count()), (live.len(), live.len()));
            // A walk looks at no vacant place.
            assert_eq!(slab.iter().size_hint().1, Some(live.len()));
            assert!(slab.iter().all(|(key, value)| slab.get(key) == Some(value)));
        }
        assert!(is_given_back && most > 8 * KEPT);
        assert!(live.iter().all(|&(key, value)| slab.get(key) == Some(&value)));
    }

    /// Places that were given back are made anew.
    #[test]
    fn places_that_are_made_again_are_not_vacant() {
        let mut slab = Slab::default();
        let first: Vec<u64> = (0..1_000).map(|value| slab.insert(value)).collect();
        let gone: Vec<Option<u64>> = first.iter().skip(500).map(|&key| slab.remove(key)).collect();
        assert!(gone.into_iter().eq((500..1_000).map(Some)) && slab.places.len() == 500);
        let more: Vec<u64> = (1_000..2_000).map(|value| slab.insert(value)).collect();
        assert_eq!((more.len(), slab.len()), (1_000, 1_500));
        assert!(slab.iter().map(|(_, &value)| value).eq((0..500).chain(1_000..2_000)));
    }
}
