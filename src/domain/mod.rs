//! The dictionary: what things are called, which moves are legal, what counts as valid input.
//!
//! Pure: no database, no clock, no sockets. Everything else in the house may import it.

pub mod alert;
pub mod block;
pub mod canned;
pub mod contrast;
pub mod conversation;
pub mod event;
pub mod file;
pub mod hours;
pub mod id;
pub mod line;
pub mod links;
pub mod macros;
pub mod mention;
pub mod message;
pub mod people;
pub mod prefs;
pub mod route;
pub mod routing;
pub mod searched;
pub mod site;
pub mod sla;
pub mod snooze;
pub mod span;
pub mod start;
pub mod ticket;
pub mod tongues;
pub mod triage;
pub mod webhook;
pub mod widget;
