//! Lists whose slots are used again. The slots are listed in turn, those of items before the vacant ones, so that
//! what walks the items does not walk what was removed, whichever of them stay. That list stands in the items.

/// A list with memory for so many items gives none back.
pub(crate) const KEPT: usize = 32;

/// What an item holds of the list of slots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    /// Where the slot of this item stands.
    place: u32,
    /// What stands at the place with the number of this slot.
    slot: u32,
}

impl Links {
    pub(crate) fn place(self) -> usize {
        self.place as usize
    }
}

pub(crate) trait Linked {
    fn links(&self) -> Links;

    fn links_mut(&mut self) -> &mut Links;

    fn is_vacant(&self) -> bool;
}

/// The links of an item that comes to stand in a new slot, at the end of a list without vacant ones.
pub(crate) fn new_links<T>(items: &[T]) -> Links {
    let end = items.len() as u32;
    Links { place: end, slot: end }
}

/// The vacant slot that is to be taken next; it stands behind those of `len` items.
#[inline]
pub(crate) fn next_vacant<T: Linked>(items: &[T], len: u32) -> Option<u32> {
    items.get(len as usize).map(|item| item.links().slot)
}

/// The slots of `len` items.
pub(crate) fn taken<T: Linked>(items: &[T], len: usize) -> impl Iterator<Item = u32> {
    items.iter().take(len).map(|item| item.links().slot)
}

/// An item is vacant; `len` are left. Gives back memory that is mostly unused.
#[inline]
pub(crate) fn vacate<T: Linked>(items: &mut Vec<T>, links: Links, len: u32) {
    swap(items, links.place, len);
    if items.capacity() > KEPT {
        give_back(items);
    }
}

fn swap<T: Linked>(items: &mut [T], place: u32, other: u32) {
    let Ok([one, two]) = items.get_disjoint_mut([place as usize, other as usize]) else { return };
    let (one, two) = (one.links_mut(), two.links_mut());
    std::mem::swap(&mut one.slot, &mut two.slot);
    let slots = [one.slot as usize, two.slot as usize];
    if let Ok([one, two]) = items.get_disjoint_mut(slots) {
        (one.links_mut().place, two.links_mut().place) = (place, other);
    }
}

/// Takes the vacant slots off the end. Each costs once.
#[cold]
#[inline(never)]
fn give_back<T: Linked>(items: &mut Vec<T>) {
    while let Some(last) = items.last().filter(|last| last.is_vacant()) {
        let place = last.links().place;
        let end = items.len() as u32 - 1;
        swap(items, place, end);
        // It holds nothing, and needs no code that would drop what could stand there.
        std::mem::forget(items.pop());
    }
    let len = items.len();
    if len < items.capacity() / 4 {
        items.shrink_to(2 * len);
    }
}

#[cfg(test)]
mod tests {
    use super::{Linked, Links, new_links, next_vacant, taken, vacate};

    struct Item(Links, Option<u32>);

    impl Linked for Item {
        fn links(&self) -> Links {
            self.0
        }

        fn links_mut(&mut self) -> &mut Links {
            &mut self.0
        }

        fn is_vacant(&self) -> bool {
            self.1.is_none()
        }
    }

    /// Random operations: each item stands at its place, the vacant ones behind all others.
    #[test]
    fn every_item_has_a_place() {
        let (mut items, mut live, mut random) = (Vec::<Item>::new(), Vec::new(), 1_u64);
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // They become more, and fewer again.
            let more = if step % 4_000 < 2_000 { 3 } else { 1 };
            if random >> 60 & 3 < more || live.is_empty() {
                let slot = next_vacant(&items, live.len() as u32).unwrap_or(items.len() as u32);
                if slot as usize == items.len() {
                    items.push(Item(new_links(&items), None));
                }
                assert_eq!(items[slot as usize].1.replace(step), None);
                live.push(slot);
            } else {
                let slot = live.swap_remove((random >> 33) as usize % live.len());
                items[slot as usize].1 = None;
                let links = items[slot as usize].links();
                vacate(&mut items, links, live.len() as u32);
            }
            let places: Vec<u32> = taken(&items, live.len()).collect();
            let is_at_its_place = |&slot: &u32| places[items[slot as usize].0.place()] == slot;
            assert!(places.len() == live.len() && live.iter().all(is_at_its_place), "step {step}");
        }
    }
}
