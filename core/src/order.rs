use std::collections::BinaryHeap;

/// The items by ascending keys; those with equal keys stay in order. The one sorting of this
/// crate and by a heap, because each of the standard library's takes 5 KB of Wasm.
pub(crate) fn in_order(
    items: impl Iterator<Item = (u64, i64)>,
) -> impl ExactSizeIterator<Item = (u64, i64)> {
    let items = items.zip(0_u32..).map(|((key, value), place)| (key, place, value));
    sorted(items.collect()).into_iter().map(|(key, _, value)| (key, value))
}

#[inline(never)]
fn sorted(items: Vec<(u64, u32, i64)>) -> Vec<(u64, u32, i64)> {
    if items.is_sorted_by_key(|&(key, ..)| key) {
        return items;
    }
    BinaryHeap::from(items).into_sorted_vec()
}
