//! An allocator that counts, for each thread by itself.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Bytes that this thread has allocated and not given back.
pub(crate) fn live_bytes() -> isize {
    LIVE.get()
}

/// How many more bytes were allocated at once while something ran than before.
pub(crate) fn most_bytes(run: impl FnOnce()) -> isize {
    let before = LIVE.get();
    MOST.set(before);
    run();
    MOST.get() - before
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator is nothing else; this one passes everything on")]
// SAFETY: all is done by the system's allocator. A cell that needs no destructor allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

fn count(more: usize, less: usize) {
    LIVE.set(LIVE.get() + more as isize - less as isize);
    MOST.set(MOST.get().max(LIVE.get()));
}
