//! For `deskbell bench search`: a database of invented chats, the log with and without what the search notes beside it, and the
//! plain scan that the index is compared with. Nothing here is for a database that people use.

use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId, TeamId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// A place for chats: a site, its only team, and who works there.
pub struct Floor {
    pub site: SiteId,
    pub team: TeamId,
    pub agent: AgentId,
}

pub struct Chat {
    pub id: ConversationId,
    pub floor: usize,
    pub shopper: ShopperId,
    pub name: String,
    pub email: String,
    pub lines: Vec<Line>,
}

pub struct Line {
    pub id: EventId,
    pub by_agent: bool,
    pub body: String,
    pub at: DateTime<Utc>,
}

/// What was there before the index: nothing is noted.
pub async fn forget_to_note(db: &PgPool, is_off: bool) -> sqlx::Result<()> {
    let statement =
        if is_off { "alter table events disable trigger user" } else { "alter table events enable trigger user" };
    sqlx::query(statement).execute(db).await?;
    Ok(())
}

/// What an index of PostgreSQL's own on the log itself would cost.
pub async fn index_in_place(db: &PgPool, is_there: bool) -> sqlx::Result<()> {
    let statement = if is_there {
        "create index rehearsed on events using gin (to_tsvector('simple', coalesce(body, '')))"
    } else {
        "drop index if exists rehearsed"
    };
    sqlx::query(statement).execute(db).await?;
    Ok(())
}

/// Closed chats, as they would have been written.
pub async fn fill(db: &PgPool, floors: &[Floor], chats: &[Chat]) -> sqlx::Result<()> {
    let of = |chat: &Chat| &floors[chat.floor];
    let sites: Vec<SiteId> = chats.iter().map(|chat| of(chat).site).collect();
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into shoppers (site_id, id, name, email, created_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])",
    )
    .bind(&sites)
    .bind(chats.iter().map(|chat| chat.shopper).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| chat.name.clone()).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| chat.email.clone()).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| chat.lines[0].at).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into conversations (site_id, id, shopper_id, team_id, assignee_id, state, last_seq, shopper_seq, last_at, opened_at, closed_at)
        select site_id, id, shopper_id, team_id, agent_id, 'closed', seq, seq, at, at, at
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::timestamptz[])
            as n (site_id, id, shopper_id, team_id, agent_id, seq, at)",
    )
    .bind(&sites)
    .bind(chats.iter().map(|chat| chat.id).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| chat.shopper).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| of(chat).team).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| of(chat).agent).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| i64::try_from(chat.lines.len()).unwrap_or_default()).collect::<Vec<_>>())
    .bind(chats.iter().map(|chat| chat.lines[chat.lines.len() - 1].at).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    let lines = || chats.iter().flat_map(|chat| (1_i64..).zip(&chat.lines).map(move |(seq, line)| (chat, seq, line)));
    sqlx::query(
        "insert into events (site_id, conversation_id, seq, shopper_seq, id, kind, author, body, at)
        select site_id, conversation_id, seq, seq, id, 'message', author, body, at
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[])
            as n (site_id, conversation_id, seq, id, author, body, at)",
    )
    .bind(lines().map(|(chat, ..)| of(chat).site).collect::<Vec<_>>())
    .bind(lines().map(|(chat, ..)| chat.id).collect::<Vec<_>>())
    .bind(lines().map(|(_, seq, _)| seq).collect::<Vec<_>>())
    .bind(lines().map(|(.., line)| line.id).collect::<Vec<_>>())
    .bind(lines().map(|(.., line)| if line.by_agent { "agent" } else { "shopper" }).collect::<Vec<_>>())
    .bind(lines().map(|(.., line)| line.body.clone()).collect::<Vec<_>>())
    .bind(lines().map(|(.., line)| line.at).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Chats under way, to write into.
pub async fn open(
    db: &PgPool,
    floor: &Floor,
    chats: &[(ConversationId, ShopperId)],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (chat, shopper) in chats {
        sqlx::query("insert into shoppers (site_id, id) values ($1, $2)")
            .bind(floor.site)
            .bind(shopper)
            .execute(db)
            .await?;
        sqlx::query(
            "insert into conversations (site_id, id, shopper_id, state, queued_at, last_at, opened_at)
            values ($1, $2, $3, 'waiting', $4, $4, $4)",
        )
        .bind(floor.site)
        .bind(chat)
        .bind(shopper)
        .bind(now)
        .execute(db)
        .await?;
    }
    Ok(())
}

/// What the statistics of a database say that has been in use for a while.
pub async fn settle(db: &PgPool) -> sqlx::Result<()> {
    for statement in ["vacuum analyze", "checkpoint"] {
        // The second needs rights that a private server's owner has, and is a courtesy to the figures.
        let _ = sqlx::query(statement).execute(db).await;
    }
    Ok(())
}

/// The size of the index with its tables, and of the log, in bytes.
pub async fn sizes(db: &PgPool) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("select pg_total_relation_size('search_said') + pg_total_relation_size('search_known'), pg_total_relation_size('events')")
        .fetch_one(db)
        .await
}

/// The plain way: every text is looked at.
pub async fn scan(db: &PgPool, text: &str, limit: i64) -> sqlx::Result<usize> {
    let pattern = format!("%{}%", text.replace(['%', '_', '\\'], ""));
    let rows: Vec<(EventId,)> = sqlx::query_as("select id from events where body ilike $1 order by at desc limit $2")
        .bind(pattern)
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(rows.len())
}

/// An address that somebody has.
pub async fn somebody(db: &PgPool) -> sqlx::Result<String> {
    sqlx::query_scalar("select email from shoppers where email is not null order by id offset 1000 limit 1")
        .fetch_one(db)
        .await
}
