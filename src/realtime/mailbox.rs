//! What waits for one socket: bounded in bytes. At the bound the lossy goes first; if that is not enough the socket is told
//! to leave (4008) and its resume mends what it missed.

use super::event::Item;
use crate::domain::id::ConnectionId;
use futures_util::task::AtomicWaker;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// Most bytes waiting for one socket.
pub const WAITING_MAX: usize = 512 * 1024;

/// Read by one task: that of its socket.
#[derive(Debug)]
pub struct Mailbox {
    pub connection: ConnectionId,
    waiting: Mutex<Waiting>,
    reader: AtomicWaker,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
    overflowed: bool,
}

impl Mailbox {
    pub fn new(connection: ConnectionId) -> Self {
        Self { connection, waiting: Mutex::default(), reader: AtomicWaker::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits.
    pub fn push(&self, item: Item) {
        let mut waiting = self.lock();
        if waiting.overflowed {
            return;
        }
        waiting.bytes += item.weight();
        waiting.items.push_back(item);
        if waiting.bytes > WAITING_MAX {
            waiting.items.retain(|item| !item.is_lossy());
            waiting.bytes = waiting.items.iter().map(Item::weight).sum();
        }
        if waiting.bytes > WAITING_MAX {
            waiting.overflowed = true;
            waiting.items = VecDeque::new();
            waiting.bytes = 0;
            metrics::counter!("deskbell_socket_evictions_total").increment(1);
        }
        drop(waiting);
        self.reader.wake();
    }

    pub fn pop(&self) -> Option<Item> {
        let mut waiting = self.lock();
        let item = waiting.items.pop_front()?;
        waiting.bytes -= item.weight();
        if waiting.items.is_empty() {
            // An idle socket keeps no buffer.
            waiting.items = VecDeque::new();
        }
        Some(item)
    }

    /// Whether nothing waits: no item, and no news of an overflow.
    pub fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.items.is_empty() && !waiting.overflowed
    }

    pub fn has_overflowed(&self) -> bool {
        self.lock().overflowed
    }

    /// Until something waits.
    pub async fn filled(&self) {
        self.until(|| !self.is_empty()).await;
    }

    /// Until more came than can wait.
    pub async fn overflowed(&self) {
        self.until(|| self.has_overflowed()).await;
    }

    async fn until(&self, holds: impl Fn() -> bool) {
        poll_fn(|context| {
            // Before the look, so that what comes right after it wakes the task.
            self.reader.register(context.waker());
            if holds() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Mailbox, WAITING_MAX};
    use crate::domain::id::ConnectionId;
    use crate::realtime::event::{Frame, Item};
    use uuid::Uuid;

    fn item(bytes: usize, lossy: bool) -> Item {
        Item::Frame { frame: Frame::from("x".repeat(bytes)), lossy }
    }

    #[test]
    fn at_the_bound_the_lossy_goes_first_and_then_the_socket() {
        let mailbox = Mailbox::new(ConnectionId(Uuid::nil()));
        mailbox.push(item(WAITING_MAX / 2, true));
        mailbox.push(item(WAITING_MAX / 2, false));
        assert!(!mailbox.has_overflowed());
        assert!(!mailbox.pop().unwrap().is_lossy());
        assert!(mailbox.pop().is_none());
        mailbox.push(item(WAITING_MAX, false));
        assert!(mailbox.has_overflowed());
        assert!(mailbox.pop().is_none());
    }
}
