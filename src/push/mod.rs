//! Notifications to browsers (Web Push): for an answer that comes after its shopper has left.
//!
//! Promises: only to browsers whose owner agreed; what is sent is sealed for that browser alone (RFC 8291) and signed with
//! this installation's key (RFC 8292), which every node has from the database; at least once, and one for all that is
//! unread; nothing of what was taken back or has been read meanwhile; a browser that is gone is forgotten. Does not decide
//! who is told: that is [`crate::reminders`].

mod key;
mod notice;
mod seal;
pub mod worker;

pub use key::Key;
pub use seal::{AUTH, POINT, is_point};
