//! Notifications to browsers (Web Push): to shoppers of an answer that comes after they have left, to agents of what waits
//! for them while they do not look.
//!
//! Promises: only to browsers whose owner agreed; what is sent is sealed for that browser alone (RFC 8291) and signed with
//! this installation's key (RFC 8292), which every node has from the database; at least once, and one for all that is
//! unread; nothing of what was taken back or has been read meanwhile; a browser that is gone is forgotten. Does not decide
//! who is told: that is [`crate::reminders`] and [`crate::alerts`].

mod browser;
mod call;
mod key;
mod notice;
mod seal;
pub mod worker;

pub use browser::Subscription;
pub use key::Key;
