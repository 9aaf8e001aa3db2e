//! Lists whose places are used again, each with the list of the vacant ones. That may name places which
//! the list has no more: whoever takes one looks.

/// So many places may be vacant without the list giving any back.
pub(crate) const KEPT: usize = 64;

/// Takes the vacant places off the end of a list, and gives back memory that is mostly unused.
///
/// To be called whenever there are more than [`KEPT`] vacant ones. A walk of the list is then as long as
/// what is in it demands, and each place costs once.
#[cold]
#[inline(never)]
pub(crate) fn give_back<T>(
    list: &mut Vec<T>,
    vacant: &mut Vec<u32>,
    is_vacant: impl Fn(&T) -> bool,
) {
    while list.last().is_some_and(&is_vacant) {
        // It holds nothing, and needs no code that would drop what could stand there.
        std::mem::forget(list.pop());
    }
    let len = list.len();
    if len < list.capacity() / 4 {
        vacant.retain(|&place| (place as usize) < len);
        list.shrink_to(2 * len);
        vacant.shrink_to(2 * len);
    }
}
