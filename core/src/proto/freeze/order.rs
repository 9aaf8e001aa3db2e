use std::collections::BinaryHeap;

/// The items by ascending keys; those with equal keys stay in order. The one sorting of this
/// module and by a heap, because each of the standard library's takes 5 KB of Wasm.
pub(in crate::proto) fn in_order(
    items: impl Iterator<Item = (u64, i64)>,
) -> impl ExactSizeIterator<Item = (u64, i64)> {
    let items = items.zip(0_u32..).map(|((key, value), place)| (key, place, value));
    let sorted = items.collect::<BinaryHeap<_>>().into_sorted_vec();
    sorted.into_iter().map(|(key, _, value)| (key, value))
}
