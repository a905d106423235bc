//! Around a restore from a backup: who else is here, what was there before, and making the database a new one.
//!
//! What was there before waits in a schema of its own until everything has succeeded; it is never dropped before that, and an
//! earlier restore that was not finished is never overwritten.

use super::Db;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::str::FromStr;
use uuid::Uuid;

/// Bring back by hand what an interrupted restore put aside.
pub const BRING_BACK: &str = "drop schema if exists public cascade; alter schema deskbell_before rename to public;";

/// Connections of Deskbell's to this database. Asked before this program has any of its own.
pub async fn connections(url: &str) -> sqlx::Result<i64> {
    let options = PgConnectOptions::from_str(url)?.application_name("restore");
    let mut connection = PgConnection::connect_with(&options).await?;
    let count = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name like 'deskbell%'";
    let open = sqlx::query_scalar(count).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(open)
}

/// Whether an earlier restore was interrupted.
pub async fn is_unfinished(db: &Db) -> sqlx::Result<bool> {
    sqlx::query_scalar("select to_regnamespace('deskbell_before') is not null").fetch_one(&db.read).await
}

pub async fn is_empty(db: &Db) -> sqlx::Result<bool> {
    sqlx::query_scalar("select not exists (select from pg_tables where schemaname = 'public')")
        .fetch_one(&db.read)
        .await
}

pub async fn put_aside(db: &Db) -> sqlx::Result<()> {
    together(db, &["alter schema public rename to deskbell_before", "create schema public"]).await
}

pub async fn put_back(db: &Db) -> sqlx::Result<()> {
    together(db, &["drop schema if exists public cascade", "alter schema deskbell_before rename to public"]).await
}

/// A new epoch, and no member of staff signed in or present.
pub async fn begin_anew(db: &Db, epoch: Uuid) -> sqlx::Result<()> {
    let mut tx = db.read.begin().await?;
    sqlx::query("update deskbell set epoch = $1").bind(epoch).execute(&mut *tx).await?;
    sqlx::query("delete from sessions").execute(&mut *tx).await?;
    sqlx::query("delete from agent_leases").execute(&mut *tx).await?;
    tx.commit().await
}

/// Everything has succeeded.
pub async fn forget_before(db: &Db) -> sqlx::Result<()> {
    together(db, &["drop schema deskbell_before cascade"]).await
}

async fn together(db: &Db, statements: &[&'static str]) -> sqlx::Result<()> {
    let mut tx = db.read.begin().await?;
    for statement in statements {
        sqlx::query(*statement).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// What is there after a restore.
#[derive(sqlx::FromRow)]
pub struct Arrived {
    pub conversations: i64,
    pub events: i64,
    pub newest: Option<DateTime<Utc>>,
}

pub async fn arrived(db: &Db) -> sqlx::Result<Arrived> {
    sqlx::query_as(
        "select (select count(*) from conversations) as conversations, count(*) as events, max(at) as newest from events",
    )
    .fetch_one(&db.read)
    .await
}
