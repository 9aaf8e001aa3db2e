/// Entries under keys that are never used twice: a key of a removed entry finds nothing, though
/// its place is reused.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Place<T> {
    /// Counts the entries that the place has had.
    generation: u32,
    entry: Option<T>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// With memory for so many entries and no more.
    pub(crate) fn with_capacity(entries: usize) -> Self {
        Slab { places: Vec::with_capacity(entries), free: Vec::new() }
    }

    pub(crate) fn insert(&mut self, entry: T) -> u64 {
        let index = self.free.pop().unwrap_or(self.places.len() as u32);
        match self.places.get_mut(index as usize) {
            Some(place) => {
                place.generation = place.generation.wrapping_add(1);
                place.entry = Some(entry);
                key(place.generation, index)
            }
            None => {
                self.places.push(Place { generation: 0, entry: Some(entry) });
                key(0, index)
            }
        }
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
        self.places.len() - self.free.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
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
        self.free.push(key as u32);
        Some(entry)
    }

    /// Removes all entries.
    #[cfg(feature = "peer")]
    pub(crate) fn drain(&mut self) -> Vec<T> {
        let places = self.places.iter_mut().zip(0..);
        let used = places.filter_map(|(place, index)| Some((place.entry.take()?, index)));
        let (entries, indexes): (Vec<T>, Vec<u32>) = used.unzip();
        self.free.extend(indexes);
        entries
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
