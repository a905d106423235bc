//! Who hears what. Everything here is a hint: it may be lost, repeated or late; the number shows it and the database
//! mends it. Nothing here is durable, and nothing is published before its commit.

pub mod arrivals;
pub mod colleague;
pub mod event;
pub mod here;
pub mod hub;
pub mod mailbox;
mod redis;
pub mod visits;

pub use redis::{Line, Link, examine};
