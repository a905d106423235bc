//! The board: one slot a message, from the moment it is due until both its answers are there.
//!
//! Slots are given out once and never reused, so that a late answer can only land in its own place. A refused message
//! is not followed by another in its window: the load falls to what the server takes.

use super::clock::{self, Cids};
use super::link::Link;
use super::wire::{Voice, close};
use std::collections::BTreeMap;
use std::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed,
};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Shopper,
    Agent,
}

/// A shopper and an agent in one conversation.
pub struct Pair {
    pub conversation: String,
    pub shopper: (Voice, Link),
    pub agent: (Voice, Link),
    turn: AtomicU32,
}

impl Pair {
    pub fn new(conversation: String, shopper: (Voice, Link), agent: (Voice, Link)) -> Self {
        Self { conversation, shopper, agent, turn: AtomicU32::new(0) }
    }

    fn next_side(&self) -> Side {
        if self.turn.fetch_add(1, Relaxed).is_multiple_of(2) { Side::Shopper } else { Side::Agent }
    }
}

/// Absent is zero; a time is one more than its microseconds.
#[derive(Default)]
struct Slot {
    due_us: AtomicU64,
    ack_us: AtomicU32,
    seen_us: AtomicU32,
    /// Twice the pair's number, one more when the agent speaks.
    whose: AtomicU32,
    answers: AtomicU8,
}

/// What went wrong so far.
#[derive(Default)]
pub struct Faults {
    pub duplicates: AtomicU64,
    /// A message that came back to its own side as an event.
    pub echoes: AtomicU64,
    /// A message the generator could not hand to its socket.
    pub unsent: AtomicU64,
    pub lost_sockets: AtomicU64,
    pub refused: AtomicU64,
    pub codes: Mutex<BTreeMap<String, u64>>,
}

pub struct Board {
    began: Instant,
    cids: Cids,
    slots: Box<[Slot]>,
    next: AtomicU32,
    openings: usize,
    pairs: OnceLock<Vec<Pair>>,
    refill: AtomicBool,
    leaving: AtomicBool,
    acks: AtomicU64,
    deliveries: AtomicU64,
    pub faults: Faults,
}

/// One message, when all is over.
pub struct Fate {
    pub due: Duration,
    pub ack_us: Option<u32>,
    pub seen_us: Option<u32>,
}

impl Board {
    /// Room for `messages` messages, beside one opening and one closing for each pair.
    pub fn new(pairs: usize, messages: usize) -> Self {
        let slots = (0..2 * pairs + messages).map(|_| Slot::default()).collect();
        Self {
            began: clock::now(),
            cids: Cids::new(),
            slots,
            next: AtomicU32::new(u32::try_from(2 * pairs).unwrap_or(u32::MAX)),
            openings: pairs,
            pairs: OnceLock::new(),
            refill: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            acks: AtomicU64::new(0),
            deliveries: AtomicU64::new(0),
            faults: Faults::default(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub fn instant(&self, at: Duration) -> Instant {
        self.began + at
    }

    pub fn seat(&self, pairs: Vec<Pair>) {
        // Set once, by the one who opened the conversations.
        let _ = self.pairs.set(pairs);
    }

    pub fn pairs(&self) -> &[Pair] {
        self.pairs.get().map_or(&[], Vec::as_slice)
    }

    /// The frame that opens a conversation; its answer is news, see [`Board::opening`].
    pub fn open_frame(&self, voice: &Voice, pair: usize) -> String {
        let index = u32::try_from(pair).unwrap_or(u32::MAX);
        voice.open(index, &self.cids.of(index))
    }

    pub fn opening(&self, index: u32) -> Option<usize> {
        usize::try_from(index).ok().filter(|index| *index < self.openings)
    }

    /// The agent of each pair closes the conversation; see [`Board::closings_left`].
    pub fn close_all(&self) {
        for (number, pair) in self.pairs().iter().enumerate() {
            let index = u32::try_from(self.openings + number).unwrap_or(u32::MAX);
            pair.agent.1.send(close(&pair.conversation, &self.cids.of(index)));
        }
    }

    pub fn closings_left(&self) -> usize {
        let closings = &self.slots[self.openings..2 * self.openings];
        closings.iter().filter(|slot| slot.ack_us.load(Relaxed) == 0).count()
    }

    pub fn next_index(&self) -> u32 {
        self.next.load(Relaxed)
    }

    /// Whose turn it is says something that was due at `due`. False when the board is full.
    pub fn say(&self, pair_number: usize, due: Duration) -> bool {
        let Some(pair) = self.pairs().get(pair_number) else { return false };
        let index = self.next.fetch_add(1, Relaxed);
        let Some(slot) = self.slot(index) else {
            self.next.fetch_sub(1, Relaxed);
            return false;
        };
        let side = pair.next_side();
        slot.due_us.store(u64::try_from(due.as_micros()).unwrap_or(u64::MAX), Relaxed);
        slot.whose.store(u32::try_from(2 * pair_number).unwrap_or_default() + u32::from(side == Side::Agent), Relaxed);
        let (voice, link) = if side == Side::Agent { &pair.agent } else { &pair.shopper };
        if !link.send(voice.say(index, &self.cids.of(index))) {
            self.faults.unsent.fetch_add(1, Relaxed);
        }
        true
    }

    /// Whether a finished message is followed by another of its pair.
    pub fn set_refill(&self, on: bool) {
        self.refill.store(on, Relaxed);
    }

    pub fn acked(&self, index: u32) {
        let Some(slot) = self.slot(index) else { return };
        if slot.ack_us.swap(self.late(slot), AcqRel) == 0 {
            self.acks.fetch_add(1, Relaxed);
            self.answered(slot);
        }
    }

    pub fn delivered(&self, index: u32, to: Side) {
        let Some(slot) = self.slot(index) else { return };
        let by_agent = slot.whose.load(Acquire) % 2 == 1;
        if by_agent == (to == Side::Agent) {
            self.faults.echoes.fetch_add(1, Relaxed);
        } else if slot.seen_us.swap(self.late(slot), AcqRel) == 0 {
            self.deliveries.fetch_add(1, Relaxed);
            self.answered(slot);
        } else {
            self.faults.duplicates.fetch_add(1, Relaxed);
        }
    }

    pub fn refused(&self, _index: u32, code: String) {
        self.faults.refused.fetch_add(1, Relaxed);
        *self.faults.codes.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
    }

    pub fn lost_socket(&self) {
        if !self.leaving.load(Relaxed) {
            self.faults.lost_sockets.fetch_add(1, Relaxed);
        }
    }

    /// From now on a closed socket is no fault.
    pub fn leave(&self) {
        self.leaving.store(true, Relaxed);
    }

    pub fn acks(&self) -> u64 {
        self.acks.load(Relaxed)
    }

    pub fn deliveries(&self) -> u64 {
        self.deliveries.load(Relaxed)
    }

    pub fn fates(&self, from: u32, to: u32) -> impl Iterator<Item = Fate> {
        (from..to).filter_map(|index| self.slot(index)).map(|slot| Fate {
            due: Duration::from_micros(slot.due_us.load(Relaxed)),
            ack_us: slot.ack_us.load(Relaxed).checked_sub(1),
            seen_us: slot.seen_us.load(Relaxed).checked_sub(1),
        })
    }

    fn slot(&self, index: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(index).ok()?)
    }

    fn late(&self, slot: &Slot) -> u32 {
        let now = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX);
        u32::try_from(now.saturating_sub(slot.due_us.load(Acquire)) + 1).unwrap_or(u32::MAX)
    }

    /// The second of a message's two answers frees its place in the window.
    fn answered(&self, slot: &Slot) {
        if slot.answers.fetch_add(1, AcqRel) == 1 && self.refill.load(Relaxed) {
            self.say(usize::try_from(slot.whose.load(Acquire) / 2).unwrap_or_default(), self.elapsed());
        }
    }
}
