//! Webhooks: other programs are told what happens in a shop's chats and tickets, in the form of Standard Webhooks
//! (<https://www.standardwebhooks.com>).
//!
//! Promises: what is told was committed, because it is written by the statement that writes the event; it is told at least once,
//! always under the event's id, and within a conversation in order; what was taken back meanwhile goes out without its text,
//! because the text is read from the log when it is sent. One address that is slow or away holds up no other: each is served
//! by one hand at a time, one that fails is tried with one delivery at a time, and after five failures it is left alone for a while.
//! No connection to the database is held while something is sent. Everything goes through [`crate::outbound`].
//! May not: import a door, or say more to a log than ids.

mod body;
mod judge;
mod secret;
mod send;
mod settings;
pub mod worker;

pub use judge::OPENS_AFTER;
pub use secret::Secret;
pub use settings::{add, has_secret, renew, test};
