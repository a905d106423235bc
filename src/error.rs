//! One error for the whole house; its variants are named by what the caller may do about them.
//!
//! A failure is never turned into "not found". The cause of a [`Error::Bug`] is logged once, at the door, and never shown.

use std::collections::BTreeMap;
use std::time::Duration;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not yours: the two are told alike.
    #[error("There is nothing here, or it is not yours.")]
    NotFound,
    #[error("Sign in and try again.")]
    SignIn,
    #[error("{0}")]
    Forbidden(&'static str),
    /// This shopper may not come in.
    #[error("You cannot write to this shop at the moment.")]
    Blocked,
    /// The request itself is wrong; says what would be right.
    #[error("{0}")]
    BadRequest(&'static str),
    /// Field name to sentence.
    #[error("Some fields need another look.")]
    Invalid(BTreeMap<&'static str, String>),
    #[error("This took too long: send the whole request within 10 s.")]
    TimedOut,
    #[error("This came too slowly and was given up. Try again, or on a better connection.")]
    TooSlow,
    #[error("This address takes other methods.")]
    WrongMethod,
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    #[error("Too many requests: wait {} s and try again.", retry.as_secs().max(1))]
    TooFast { retry: Duration },
    /// More pixels, pictures or parts than are taken.
    #[error("{0}")]
    TooLarge(&'static str),
    #[error("A file may have {most_mb} MB. Make it smaller, or send a part of it.")]
    FileTooLarge { most_mb: u64 },
    /// A file of a kind that is not taken.
    #[error("{0}")]
    WrongKind(&'static str),
    /// There is no room for more files.
    #[error("{0}")]
    NoRoom(&'static str),
    #[error("{what} Try again in {} s.", retry.as_secs().max(1))]
    Unavailable { what: &'static str, retry: Duration },
    #[error("Something went wrong on our side. It has been logged.")]
    Bug(#[source] anyhow::Error),
}

impl Error {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(BTreeMap::from([(field, message.into())]))
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    pub fn bug(cause: impl Into<anyhow::Error>) -> Self {
        Self::Bug(cause.into())
    }

    /// For the log: the cause of a bug, which is never shown.
    pub fn cause(&self) -> String {
        match self {
            Self::Bug(cause) => format!("{cause:#}"),
            other => other.to_string(),
        }
    }

    /// Too many come in at once: each is told another moment to come back.
    pub fn crowded(after: Duration) -> Self {
        Self::Unavailable { what: "Many are coming in at the moment.", retry: after }
    }

    pub fn busy(what: &'static str) -> Self {
        Self::Unavailable { what, retry: Duration::from_secs(1) }
    }
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        if database_is_away(&cause) {
            tracing::warn!(error = %cause, "database not reachable");
            return Self::Unavailable { what: "The database cannot be reached.", retry: Duration::from_secs(2) };
        }
        Self::Bug(cause.into())
    }
}

/// Whether the statement may work later without anybody changing it.
pub fn database_is_away(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(e) => {
            // Class 08 connection, 53 resources, 57P admin shutdown and start-up, 40 serialization and deadlock, 55P03 lock timeout.
            e.code().is_some_and(|c| {
                c.starts_with("08")
                    || c.starts_with("53")
                    || c.starts_with("57P")
                    || c.starts_with("40")
                    || c == "55P03"
            })
        }
        _ => false,
    }
}

/// Whether a database error is the violation of this named constraint.
pub fn violates(cause: &sqlx::Error, constraint: &str) -> bool {
    matches!(cause, sqlx::Error::Database(e) if e.constraint() == Some(constraint))
}
