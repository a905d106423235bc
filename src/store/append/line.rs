//! A connection of the writer's own.
//!
//! A pool asks the server about a connection before it hands it out and again when it comes back: three trips for each
//! statement, where the usual append is one statement. Here a connection is asked only after it was idle; under load a broken
//! one shows by failing. It is dropped, and the next statement opens another.

use super::Failure;
use crate::store::ACQUIRE;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tokio::time::timeout;

/// How long a server that is well takes to say that it is there.
const ALIVE_WITHIN: Duration = Duration::from_millis(700);

pub struct Line {
    options: PgConnectOptions,
    open: Option<PgConnection>,
    /// The connection has been idle: it is asked before it is used.
    is_doubted: bool,
}

/// Why a statement has no result.
pub enum Trouble {
    /// The server cannot be reached, and was not asked.
    Away(sqlx::Error),
    /// The connection broke: whether the statement was committed, nobody knows.
    Cut(sqlx::Error),
    /// The server refused the statement, and wrote nothing.
    Refused(sqlx::Error),
}

impl Line {
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, open: None, is_doubted: false }
    }

    /// Nothing was said on it for a while.
    pub fn doubt(&mut self) {
        self.is_doubted = true;
    }

    /// Runs one statement. The connection is kept unless it failed.
    pub async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, Trouble> {
        let mut connection = self.ready().await.map_err(Trouble::Away)?;
        match statement(&mut connection).await {
            Ok(result) => {
                self.open = Some(connection);
                Ok(result)
            }
            Err(cause @ sqlx::Error::Database(_)) if Failure::of(&cause) != Failure::Away => {
                self.open = Some(connection);
                Err(Trouble::Refused(cause))
            }
            Err(cause) => Err(Trouble::Cut(cause)),
        }
    }

    /// Whether the server can be reached.
    pub async fn reach(&mut self) -> sqlx::Result<()> {
        self.is_doubted = true;
        let connection = self.ready().await?;
        self.open = Some(connection);
        Ok(())
    }

    async fn ready(&mut self) -> sqlx::Result<PgConnection> {
        if let Some(mut connection) = self.open.take() {
            if !self.is_doubted {
                return Ok(connection);
            }
            // A server that hangs is not asked for another connection.
            let alive = timeout(ALIVE_WITHIN, connection.ping()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
            if alive.is_ok() {
                self.is_doubted = false;
                return Ok(connection);
            }
        }
        let opening = async {
            let mut connection = PgConnection::connect_with(&self.options).await?;
            connection.ping().await?;
            Ok::<_, sqlx::Error>(connection)
        };
        let connection = timeout(ACQUIRE, opening).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        self.is_doubted = false;
        Ok(connection)
    }

    pub async fn close(self) {
        if let Some(connection) = self.open {
            // The server notices a connection that just ends, too.
            let _ = connection.close().await;
        }
    }
}
