//! Looking up words. What is found is read from the log and the rows themselves, under the same rights that open them: what
//! somebody may not open is neither found nor counted, and what was taken back or deleted is gone at once, whatever the index
//! still holds.
//!
//! Newest first, in windows: the newest few thousand texts, then more of them, then all. A word that everybody writes has its
//! page full in the first window; one that is not there is rare, and the index answers for it. So neither costs much.

mod choices;
mod index;
pub mod rehearse;

pub use choices::{Choices, choices};
pub use index::{COUNTED_MAX, Standing, Turn, Words, standing, turn};

use super::sight::{may_open, works_at};
use crate::domain::conversation::State;
use crate::domain::event::Kind;
use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId, TagId, TeamId};
use crate::domain::people::Role;
use crate::domain::ticket::Status;
use crate::error::Error;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryAs;
use sqlx::{PgConnection, PgPool, Postgres};
use uuid::Uuid;

/// A search that takes longer is given up, in milliseconds.
const PATIENCE_MS: &str = "1500";
/// Texts of the first windows.
const WINDOWS: [i64; 2] = [4_096, 65_536];

/// Only conversations like this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    pub agent: Option<AgentId>,
    pub team: Option<TeamId>,
    pub site: Option<SiteId>,
    pub state: Option<State>,
    pub tag: Option<TagId>,
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// What is asked, by whom.
pub struct Asked<'a> {
    pub who: (AgentId, Role),
    /// As `tsquery` reads it.
    pub query: &'a str,
    pub narrow: &'a Narrow,
}

/// Where a page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: DateTime<Utc>,
    pub id: Uuid,
    pub seq: i64,
}

/// Something that was written, with its people.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Said {
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub id: EventId,
    pub kind: Kind,
    pub author: String,
    pub body: Option<String>,
    pub data: Option<Value>,
    pub last_seq: i64,
    pub state: State,
    pub site_name: String,
    pub shopper_name: String,
    pub team_name: Option<String>,
    pub agent_name: Option<String>,
    pub ticket_number: Option<i64>,
    /// The other one, where two of the staff talk.
    pub other_name: Option<String>,
}

impl Said {
    pub fn place(&self) -> Place {
        Place { at: self.at, id: self.conversation_id.0, seq: self.seq }
    }
}

/// Somebody, with the newest of their conversations that may be seen.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub shopper_id: ShopperId,
    pub at: DateTime<Utc>,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    pub attributes: Value,
    pub fields: Option<Value>,
    pub site_name: String,
    pub conversation_id: ConversationId,
    pub last_at: DateTime<Utc>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Ticket {
    pub conversation_id: ConversationId,
    pub at: DateTime<Utc>,
    pub number: i64,
    pub subject: String,
    pub name: String,
    pub email: String,
    pub status: Status,
    pub site_name: String,
}

/// Conversation `c`, which somebody ($2, $3) may open, and which is as it should be ($4 to $8).
macro_rules! visible {
    () => {
        "c.kind in ('support', 'ticket')
            and ($3 = 'admin' or c.assignee_id = $2 or c.reserved_for = $2
                or exists (select from team_members m where m.agent_id = $2 and m.site_id = c.site_id
                    and ($3 = 'supervisor' or c.team_id is null or c.team_id = m.team_id))
                or (c.state = 'ticketed' and exists (select from team_members m where m.agent_id = $2 and m.site_id = c.site_id)))
            and ($4::uuid is null or c.assignee_id = $4) and ($5::uuid is null or c.team_id = $5)
            and ($6::uuid is null or c.site_id = $6) and ($7::text is null or c.state = $7)
            and ($8::uuid is null or exists (select from conversation_tags g
                where g.site_id = c.site_id and g.conversation_id = c.id and g.tag_id = $8))"
    };
}

/// Where something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    Chats,
    /// Rooms of the staff, and talks between two of them.
    Rooms,
}

/// What was written, newest first, behind the given place.
pub async fn said(
    db: &PgPool,
    (asked, log): (&Asked<'_>, Log),
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Said>, Failure> {
    let mut tx = db.begin().await?;
    patient(&mut tx).await?;
    let mut query = within_sites(&mut tx, asked).await?;
    let statement = match log {
        Log::Chats => IN_CHATS,
        Log::Rooms => IN_ROOMS,
    };
    if log == Log::Rooms {
        query = format!("({query}) & '@room'");
    }
    let mut found = Vec::new();
    for window in WINDOWS.map(Some).into_iter().chain([None]) {
        let edge = match window {
            Some(texts) => edge(&mut tx, asked.narrow.to, after, texts).await?,
            None => None,
        };
        // A window that reaches behind the date that was asked for is the last as well.
        let from = edge.filter(|edge| asked.narrow.from.is_none_or(|from| from < *edge));
        found = said_since(&mut tx, (asked, statement), &query, (from.or(asked.narrow.from), after), limit).await?;
        if from.is_none() || i64::try_from(found.len()).is_ok_and(|found| found >= limit) {
            break;
        }
    }
    tx.rollback().await?;
    Ok(found)
}

macro_rules! said {
    ($may:expr) => {
        concat!(
            "with found as materialized (
            select d.site_id, d.conversation_id, d.seq
            from search_said d
            join conversations c on c.site_id = d.site_id and c.id = d.conversation_id
            where d.words @@ $1::tsquery
                and (select e.body is not null or e.kind in ('opened', 'rated') from events e
                    where e.site_id = d.site_id and e.conversation_id = d.conversation_id and e.seq = d.seq)
                and d.at >= coalesce($9, '-infinity') and d.at < coalesce($10, 'infinity')
                and ($11::timestamptz is null or (d.at, d.conversation_id, d.seq) < ($11, $12, $13))
                and ",
            $may,
            "
            order by d.at desc, d.conversation_id desc, d.seq desc
            limit $14
        )
        select e.conversation_id, e.seq, e.at, e.id, e.kind, e.author, e.body, e.data, c.last_seq, c.state, s.name as site_name,
            coalesce(p.name, '') as shopper_name, t.name as team_name, a.name as agent_name, k.number as ticket_number,
            o.name as other_name
        from found f
        join events e on e.site_id = f.site_id and e.conversation_id = f.conversation_id and e.seq = f.seq
        join conversations c on c.site_id = f.site_id and c.id = f.conversation_id
        join sites s on s.id = f.site_id
        left join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        left join teams t on t.site_id = c.site_id and t.id = c.team_id
        left join agents a on a.id = c.assignee_id
        left join tickets k on k.site_id = c.site_id and k.conversation_id = c.id
        left join directs b on b.conversation_id = c.id
        left join agents o on o.id = case when b.one = $2 then b.other else b.one end
        order by e.at desc, e.conversation_id desc, e.seq desc"
        )
    };
}

const IN_CHATS: &str = said!(visible!());

// Nobody has a room: who is asked for wrote it. None has a tag.
const IN_ROOMS: &str = said!(concat!(
    "c.kind in ('room', 'direct') and (",
    may_open!("$2", "$3"),
    ") and ($4::uuid is null or $4 = (select e.author_id from events e
            where e.site_id = d.site_id and e.conversation_id = d.conversation_id and e.seq = d.seq))
        and ($5::uuid is null or c.team_id = $5)
        and ($6::uuid is null or c.site_id = $6) and ($7::text is null or c.state = $7) and $8::uuid is null"
));

async fn said_since(
    tx: &mut PgConnection,
    (asked, statement): (&Asked<'_>, &'static str),
    query: &str,
    (from, after): (Option<DateTime<Utc>>, Option<Place>),
    limit: i64,
) -> sqlx::Result<Vec<Said>> {
    about(statement, query, asked)
        .bind(from)
        .bind(asked.narrow.to)
        .bind(after.map(|after| after.at))
        .bind(after.map(|after| after.id))
        .bind(after.map(|after| after.seq))
        .bind(limit)
        .fetch_all(tx)
        .await
}

/// Since when so many texts were written before a place.
async fn edge(
    tx: &mut PgConnection,
    to: Option<DateTime<Utc>>,
    after: Option<Place>,
    texts: i64,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let upto = [to, after.map(|after| after.at)].into_iter().flatten().min();
    sqlx::query_scalar(
        "select at from search_said where at <= coalesce($1, 'infinity') order by at desc offset $2 limit 1",
    )
    .bind(upto)
    .bind(texts)
    .fetch_optional(tx)
    .await
}

/// People, those who came last first, behind the given place.
pub async fn people(db: &PgPool, asked: &Asked<'_>, after: Option<Place>, limit: i64) -> Result<Vec<Person>, Failure> {
    let mut tx = db.begin().await?;
    patient(&mut tx).await?;
    let query = within_sites(&mut tx, asked).await?;
    let found = about(concat!(
        "select p.id as shopper_id, d.at, p.name, p.email, p.external_id, p.verified, p.attributes, p.context->'fields' as fields,
            s.name as site_name, newest.id as conversation_id, newest.last_at
        from search_known d
        join shoppers p on p.site_id = d.site_id and p.id = d.id
        join sites s on s.id = d.site_id
        cross join lateral (
            select c.id, c.last_at
            from conversations c
            where c.site_id = d.site_id and c.shopper_id = d.id and ",
        visible!(),
        "
                and c.opened_at >= coalesce($9, '-infinity') and c.opened_at < coalesce($10, 'infinity')
            order by c.opened_at desc
            limit 1
        ) newest
        where d.what = 'shopper' and d.words @@ $1::tsquery
            and ($11::timestamptz is null or (d.at, d.id) < ($11, $12))
        order by d.at desc, d.id desc
        limit $13"
    ), &query, asked)
    .bind(asked.narrow.from)
    .bind(asked.narrow.to)
    .bind(after.map(|after| after.at))
    .bind(after.map(|after| after.id))
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    tx.rollback().await?;
    Ok(found)
}

/// Tickets by their number, subject and sender, newest first, behind the given place.
pub async fn tickets(db: &PgPool, asked: &Asked<'_>, after: Option<Place>, limit: i64) -> Result<Vec<Ticket>, Failure> {
    let mut tx = db.begin().await?;
    patient(&mut tx).await?;
    let query = within_sites(&mut tx, asked).await?;
    let found = about(
        concat!(
            "select k.conversation_id, d.at, k.number, k.subject, k.name, k.email, k.status, s.name as site_name
        from search_known d
        join tickets k on k.site_id = d.site_id and k.conversation_id = d.id
        join conversations c on c.site_id = d.site_id and c.id = d.id
        join sites s on s.id = d.site_id
        where d.what = 'ticket' and d.words @@ $1::tsquery
            and d.at >= coalesce($9, '-infinity') and d.at < coalesce($10, 'infinity')
            and ($11::timestamptz is null or (d.at, d.id) < ($11, $12))
            and ",
            visible!(),
            "
        order by d.at desc, d.id desc
        limit $13"
        ),
        &query,
        asked,
    )
    .bind(asked.narrow.from)
    .bind(asked.narrow.to)
    .bind(after.map(|after| after.at))
    .bind(after.map(|after| after.id))
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    tx.rollback().await?;
    Ok(found)
}

/// A question with the values that [`visible`] and the words stand for: `$1` to `$8`.
fn about<'q, T: for<'r> sqlx::FromRow<'r, PgRow>>(
    statement: &'static str,
    query: &'q str,
    asked: &Asked<'_>,
) -> QueryAs<'q, Postgres, T, PgArguments> {
    sqlx::query_as(statement)
        .bind(query)
        .bind(asked.who.0)
        .bind(asked.who.1.as_str())
        .bind(asked.narrow.agent)
        .bind(asked.narrow.team)
        .bind(asked.narrow.site)
        .bind(asked.narrow.state.map(State::as_str))
        .bind(asked.narrow.tag)
}

/// For this transaction: plans are made for what is really asked, and nobody waits for ever.
pub(super) async fn patient(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "select set_config('statement_timeout', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true)",
    )
    .bind(PATIENCE_MS)
    .execute(tx)
    .await?;
    Ok(())
}

/// The word by which a site's texts are told from another's, within the index itself.
pub fn site_word(site: SiteId) -> String {
    let name = site.0.simple().to_string();
    format!("@{}", &name[name.len() - 12..])
}

/// The query, for the sites where somebody may see anything: a small shop's agent does not pay for a large shop beside it.
async fn within_sites(tx: &mut PgConnection, asked: &Asked<'_>) -> sqlx::Result<String> {
    let sites: Option<Vec<SiteId>> = sqlx::query_scalar(concat!(
        "select case when $2 <> 'admin' or $3::uuid is not null then array(
            select s.id from sites s
            where ($3::uuid is null or s.id = $3) and (",
        works_at!("s.id"),
        " or exists (select from directs d where d.site_id = s.id and (d.one = $1 or d.other = $1)))
            order by s.id) end",
    ))
    .bind(asked.who.0)
    .bind(asked.who.1.as_str())
    .bind(asked.narrow.site)
    .fetch_one(tx)
    .await?;
    let Some(sites) = sites else { return Ok(asked.query.to_owned()) };
    let words: Vec<String> = sites.iter().map(|site| format!("'{}'", site_word(*site))).collect();
    // Whoever works nowhere finds nothing: no text has this word.
    let words = if words.is_empty() { "'@'".to_owned() } else { words.join(" | ") };
    Ok(format!("({}) & ({words})", asked.query))
}

/// Why nothing is found.
#[derive(Debug)]
pub enum Failure {
    /// It took too long and was given up.
    TooSlow,
    Other(Error),
}

impl From<sqlx::Error> for Failure {
    fn from(cause: sqlx::Error) -> Self {
        let is_cancelled = matches!(&cause, sqlx::Error::Database(e) if e.code().is_some_and(|code| code == "57014"));
        if is_cancelled { Self::TooSlow } else { Self::Other(cause.into()) }
    }
}
