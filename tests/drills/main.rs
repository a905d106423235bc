//! Drills: the faults of the real world, played on real nodes, a real PostgreSQL and a real Redis, while people talk.
//!
//! Each node is a process of its own, so that it can be killed. Clients keep what they were told and what they sent until it
//! is acknowledged; the oracle compares each of them with the database. A drill prints its figure (`P5 …`) and fails where the
//! promise does not hold. `cargo test --test drills` plays the short set; `bin/drill` the long one.

#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "tests count in small numbers")]
#![allow(clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "tests count in small numbers")]
#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "a test fails by panicking, and tells one story")]

#[path = "../desk/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with the other tests, which use more of it")]
mod harness;

mod chats;
mod figures;
mod fproxy;
mod house;
mod oracle;
mod people;
mod postgres;

mod bus;
mod database;
mod deploy;
mod kills;
mod latency;
mod letters;
mod life;
mod queue;
mod restore;
mod secrets;
mod skew;
mod slow;
mod storm;

use tokio::sync::{Mutex, MutexGuard};

/// Whether this is the long set.
pub fn is_long() -> bool {
    std::env::var("DESKBELL_DRILLS").is_ok_and(|set| set == "long")
}

/// One of two sizes.
pub fn size(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// One drill at a time: each of them wants the whole machine.
pub async fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::const_new(());
    MACHINE.lock().await
}
