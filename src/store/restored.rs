//! Around a restore from a backup: who else is here, what was there before, and making the database a new one.

use super::Db;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::str::FromStr;
use uuid::Uuid;

/// Where what was there before waits until the restore has succeeded.
const ASIDE: [&str; 2] = ["alter schema public rename to deskbell_before", "create schema public"];
const BACK: [&str; 2] = ["drop schema if exists public cascade", "alter schema deskbell_before rename to public"];

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

pub async fn is_empty(db: &Db) -> sqlx::Result<bool> {
    sqlx::query_scalar("select not exists (select from pg_tables where schemaname = 'public')")
        .fetch_one(&db.read)
        .await
}

pub async fn put_aside(db: &Db) -> sqlx::Result<()> {
    one_after_the_other(db, &["drop schema if exists deskbell_before cascade", ASIDE[0], ASIDE[1]]).await
}

pub async fn put_back(db: &Db) -> sqlx::Result<()> {
    one_after_the_other(db, &BACK).await
}

async fn one_after_the_other(db: &Db, statements: &[&'static str]) -> sqlx::Result<()> {
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

/// A new epoch, nobody signed in or present; what was there before goes.
pub async fn arrive(db: &Db, epoch: Uuid) -> sqlx::Result<Arrived> {
    let mut tx = db.read.begin().await?;
    sqlx::query("update deskbell set epoch = $1").bind(epoch).execute(&mut *tx).await?;
    for statement in ["delete from sessions", "delete from agent_leases", "drop schema deskbell_before cascade"] {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    let arrived = sqlx::query_as(
        "select (select count(*) from conversations) as conversations, count(*) as events, max(at) as newest from events",
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(arrived)
}
