use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Where calls wait until they are let through.
#[derive(Default)]
pub(crate) struct Gate {
    opened: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Gate {
    /// Lets through what waits now.
    pub(crate) fn open(&self) {
        self.opened.update(|opened| opened + 1);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    pub(crate) async fn pass(&self) {
        let before = self.opened.get();
        poll_fn(|cx| {
            if self.opened.get() > before {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
