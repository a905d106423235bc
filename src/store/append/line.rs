//! A connection of the writer's own.
//!
//! A pool asks the server about a connection before it hands it out and again when it comes back: three trips for each
//! statement, where the usual append is one statement. Here a broken connection shows by failing; it is dropped, and the next
//! statement opens another.

use crate::store::ACQUIRE;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

pub struct Line {
    options: PgConnectOptions,
    open: Option<PgConnection>,
}

impl Line {
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, open: None }
    }

    /// Runs one statement. The connection is kept unless it failed.
    pub async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        let mut connection = match self.open.take() {
            Some(connection) => connection,
            None => timeout(ACQUIRE, PgConnection::connect_with(&self.options))
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)??,
        };
        let outcome = statement(&mut connection).await;
        if matches!(outcome, Ok(_) | Err(sqlx::Error::Database(_))) {
            self.open = Some(connection);
        }
        outcome
    }

    pub async fn close(self) {
        if let Some(connection) = self.open {
            // The server notices a connection that just ends, too.
            let _ = connection.close().await;
        }
    }
}
