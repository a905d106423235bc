//! All SQL lives here. Functions take a database (or a transaction) and return domain types.
//!
//! Every read of a shop's rows is scoped by site. Nothing here publishes, waits on a socket or calls another room.
//! Statements are checked against a real PostgreSQL by the tests that drive each of them through the front doors.

/// Whether what is kept ready, `r`, is for the agent `$1` of the role `$2`: their own, or shared at a site and team of theirs.
macro_rules! is_for_them {
    () => {
        "(r.owner_id = $1 or r.owner_id is null and ($2 = 'admin' or exists (select from team_members m
            where m.agent_id = $1 and m.site_id = r.site_id
                and ($2 = 'supervisor' or r.team_id is null or r.team_id = m.team_id))))"
    };
}

pub mod alerts;
pub mod append;
pub mod audit;
pub mod blocks;
pub mod canned;
pub mod cards;
pub mod contacts;
pub mod conversations;
pub mod customers;
pub mod desk;
pub mod duty;
pub mod events;
pub mod files;
pub mod invitations;
pub mod leases;
pub mod macros;
pub mod mentions;
pub mod orders;
pub mod outbox;
pub mod past;
pub mod people;
pub mod privacy;
pub mod push;
pub mod queue;
pub mod receipts;
pub mod reminders;
pub mod reports;
pub mod restored;
pub mod rooms;
pub mod search;
pub mod sessions;
mod sight;
pub mod sites;
pub mod sla;
pub mod snooze;
pub mod staff;
pub mod staffing;
pub mod start;
pub mod storefront;
pub mod tickets;
pub mod triage;
pub mod views;
pub mod visits;
pub mod wall;
pub mod watch;
pub mod webhooks;

use crate::domain::id::Epoch;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool, Row};
use std::str::FromStr;
use std::time::Duration;

/// Pools apart, so that reading history can never starve sending.
#[derive(Clone)]
pub struct Db {
    pub read: PgPool,
    /// For the moves.
    pub send: PgPool,
    /// What the log writer opens its own with.
    writing: PgConnectOptions,
}

/// How long anybody waits for a connection: past that the answer is "unavailable", not a queue.
const ACQUIRE: Duration = Duration::from_secs(1);

/// How long anybody waits for the database's answer to what takes milliseconds: past that it hangs.
const ANSWER: Duration = Duration::from_millis(1_500);

/// What is asked of the database, unless it hangs. Only for work that may be left in the middle.
pub async fn in_time<T>(asking: impl Future<Output = Result<T>>) -> Result<T> {
    let away = Error::Unavailable { what: "The database does not answer.", retry: Duration::from_secs(2) };
    tokio::time::timeout(ANSWER, asking).await.unwrap_or(Err(away))
}

/// How long a node's own rounds, and whoever says hello, wait for what takes a little longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// As [`in_time`], for what asks the database many things.
pub async fn patiently<T>(asking: impl Future<Output = Result<T>>) -> Result<T> {
    let away = Error::Unavailable { what: "The database does not answer.", retry: Duration::from_secs(2) };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Err(away))
}

/// How long a connection may have been idle before it is asked whether it still works.
const TRUSTED: Duration = Duration::from_secs(1);

/// A pool that does not pay a round trip for each use of a connection that worked a moment ago.
fn pool(most: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE).test_before_acquire(false).before_acquire(
        |connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        },
    )
}

pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

impl Db {
    pub async fn connect(url: &str) -> sqlx::Result<Self> {
        Self::connect_with(url, "15s").await
    }

    /// For migrations and restores: a statement may take as long as it takes.
    pub async fn connect_unhurried(url: &str) -> sqlx::Result<Self> {
        Self::connect_with(url, "0").await
    }

    async fn connect_with(url: &str, statement_timeout: &str) -> sqlx::Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("deskbell").options([
            ("statement_timeout", statement_timeout),
            ("idle_in_transaction_session_timeout", "15s"),
            ("jit", "off"),
        ]);
        let sending = options.clone().options([("lock_timeout", "1s"), ("plan_cache_mode", "force_generic_plan")]);
        let read = pool(16).connect_with(options).await?;
        let send = pool(8).connect_with(sending.clone()).await?;
        Ok(Self { read, send, writing: sending.application_name("deskbell-log") })
    }

    /// Closes what is open here; the log writer closes its own when it ends.
    pub async fn close(&self) {
        self.send.close().await;
        self.read.close().await;
    }

    /// Nothing may be acknowledged by a database that forgets: refuses `fsync = off`.
    pub async fn check_durable(&self) -> anyhow::Result<()> {
        let row = sqlx::query("select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages")
            .fetch_one(&self.read)
            .await?;
        let is_on = |name| row.try_get::<String, _>(name).is_ok_and(|value| value == "on");
        anyhow::ensure!(
            is_on("fsync") && is_on("pages"),
            "PostgreSQL runs with fsync or full_page_writes off: acknowledged messages could be lost. Turn both on and restart it."
        );
        Ok(())
    }

    pub async fn now(&self) -> sqlx::Result<DateTime<Utc>> {
        sqlx::query_scalar("select clock_timestamp()").fetch_one(&self.read).await
    }

    /// Which database this is, and its time.
    pub async fn epoch_and_time(&self) -> sqlx::Result<(Epoch, DateTime<Utc>)> {
        sqlx::query_as("select epoch, clock_timestamp() from deskbell").fetch_one(&self.read).await
    }

    pub async fn epoch(&self) -> sqlx::Result<Epoch> {
        sqlx::query_scalar("select epoch from deskbell").fetch_one(&self.read).await
    }

    pub async fn migrate(&self) -> anyhow::Result<()> {
        MIGRATIONS.run(&self.read).await?;
        Ok(())
    }

    /// Whether the schema is the one this program was built with.
    pub async fn is_migrated(&self) -> sqlx::Result<bool> {
        let newest: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(&self.read).await?;
        let wanted = MIGRATIONS.iter().map(|m| m.version).max();
        Ok(newest >= wanted)
    }
}
