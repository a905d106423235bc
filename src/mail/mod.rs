//! Letters: the outbox's rows are composed when they are sent, handed to the relay, and tried again until they arrive or
//! are laid aside where people see them.
//!
//! Promises: a letter is about something that was committed; it goes to one person; it goes at least once, always under
//! the same Message-ID. If the process ends between the relay's yes and the note of it, the letter goes again, and the
//! reader's mail program can tell by its id. Does not decide what is written to whom: that is a row of the outbox.
//! The only room that knows the mail library.

mod letter;
mod transport;
mod words;
pub mod worker;
