//! Rooms of the staff: which there are for somebody, what is unread in them, and who the two of a talk are.

use super::sight::rooms_of;
use crate::domain::id::{AgentId, ConversationId, SiteId, TeamId};
use crate::domain::people::{Agent, Status};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A room as one of those in it sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Room {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub site_name: String,
    /// `None`: it is the shop's lobby, or a talk.
    pub team_name: Option<String>,
    /// The other one, where it is a talk between two.
    pub other_id: Option<AgentId>,
    pub other_name: Option<String>,
    /// They do not work here any more.
    pub other_left: bool,
    pub last_message: String,
    pub last_at: DateTime<Utc>,
    pub last_seq: i64,
    /// How far they have read.
    pub upto: i64,
}

impl Room {
    pub fn is_unread(&self) -> bool {
        self.last_seq > self.upto
    }
}

/// The rooms that `$1`, whose role is `$2`, is in.
macro_rules! rooms {
    ($rest:literal) => {
        concat!(
            "select c.site_id, c.id, s.name as site_name, t.name as team_name, a.id as other_id, a.name as other_name,
                a.disabled_at is not null as other_left, c.last_message, c.last_at, c.last_seq, coalesce(r.upto, 0) as upto
            from ",
            rooms_of!(),
            " mine
            join conversations c on c.site_id = mine.site_id and c.id = mine.id
            join sites s on s.id = c.site_id
            left join teams t on t.site_id = c.site_id and t.id = c.team_id
            left join directs d on d.conversation_id = c.id
            left join agents a on a.id = case when d.one = $1 then d.other else d.one end
            left join room_reads r on r.agent_id = $1 and r.conversation_id = c.id
            ",
            $rest
        )
    };
}

/// Lobbies and rooms of teams, shop by shop, the lobby first.
pub async fn shared(db: &PgPool, agent: &Agent) -> sqlx::Result<Vec<Room>> {
    sqlx::query_as(rooms!("where c.kind = 'room' order by s.name, s.id, t.name nulls first limit 1000"))
        .bind(agent.id)
        .bind(agent.role.as_str())
        .fetch_all(db)
        .await
}

/// `None`: there is no such room, or they are not in it.
pub async fn room(db: &PgPool, agent: &Agent, id: ConversationId) -> sqlx::Result<Option<Room>> {
    sqlx::query_as(rooms!("where c.id = $3")).bind(agent.id).bind(agent.role.as_str()).bind(id).fetch_optional(db).await
}

/// A shop or team of theirs that has no room yet.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Missing {
    site_id: SiteId,
    team_id: Option<TeamId>,
}

pub async fn missing(db: &PgPool, agent: &Agent) -> sqlx::Result<Vec<Missing>> {
    sqlx::query_as(
        "select wanted.site_id, wanted.team_id
        from (select id as site_id, null::uuid as team_id from sites union all select site_id, id from teams) wanted
        where ($2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = wanted.site_id))
            and not exists (select from conversations c where c.kind = 'room' and c.site_id = wanted.site_id
                and c.team_id is not distinct from wanted.team_id)",
    )
    .bind(agent.id)
    .bind(agent.role.as_str())
    .fetch_all(db)
    .await
}

/// Each under an id of its own. Of two who furnish at once, one does.
pub async fn furnish(db: &PgPool, rooms: &[Missing], ids: &[ConversationId], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into conversations (site_id, id, kind, team_id, state, last_at, opened_at)
        select site_id, id, 'room', team_id, 'room', $4, $4
        from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as n (site_id, id, team_id)
        on conflict do nothing",
    )
    .bind(rooms.iter().map(|room| room.site_id).collect::<Vec<_>>())
    .bind(ids)
    .bind(rooms.iter().map(|room| room.team_id).collect::<Vec<_>>())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Somebody to talk with, and the talk there is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Colleague {
    pub id: AgentId,
    pub name: String,
    pub available: bool,
    pub off_as: Status,
    pub online: bool,
    pub talk: Option<ConversationId>,
    pub last_message: Option<String>,
    pub last_at: Option<DateTime<Utc>>,
    pub is_unread: bool,
}

/// Whoever works for a shop of theirs, admins, and whom they have talked with; the latest talk first, then by name.
pub async fn colleagues(db: &PgPool, agent: &Agent, now: DateTime<Utc>) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as(
        "with talks as materialized (
            select other as with_id, site_id, conversation_id from directs where one = $1
            union all
            select one, site_id, conversation_id from directs where other = $1
        )
        select a.id, a.name, a.available, a.off_as,
            exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $3) as online,
            c.id as talk, nullif(c.last_message, '') as last_message,
            case when c.last_seq > 0 then c.last_at end as last_at, coalesce(c.last_seq > coalesce(r.upto, 0), false) as is_unread
        from agents a
        left join talks d on d.with_id = a.id
        left join conversations c on c.site_id = d.site_id and c.id = d.conversation_id
        left join room_reads r on r.agent_id = $1 and r.conversation_id = c.id
        where a.id <> $1
            and (c.last_seq > 0 or a.disabled_at is null and ($2 = 'admin' or a.role = 'admin'
                or exists (select from team_members m join team_members n on n.site_id = m.site_id
                    where m.agent_id = $1 and n.agent_id = a.id)))
        order by case when c.last_seq > 0 then c.last_at end desc nulls last, a.name, a.id
        limit 500",
    )
    .bind(agent.id)
    .bind(agent.role.as_str())
    .bind(now)
    .fetch_all(db)
    .await
}

/// They have read so far, and not less than before. Whether that is more.
pub async fn set_read(db: &PgPool, agent: AgentId, room: ConversationId, upto: i64) -> sqlx::Result<bool> {
    let moved = sqlx::query(
        "insert into room_reads as r (agent_id, site_id, conversation_id, upto)
        select $1, site_id, id, least($3, last_seq) from conversations where id = $2 and state = 'room'
        on conflict (agent_id, conversation_id) do update set upto = excluded.upto where r.upto < excluded.upto",
    )
    .bind(agent)
    .bind(room)
    .bind(upto)
    .execute(db)
    .await?;
    Ok(moved.rows_affected() > 0)
}

/// The talk of two.
pub async fn talk(db: &PgPool, [a, b]: [AgentId; 2]) -> sqlx::Result<Option<ConversationId>> {
    sqlx::query_scalar("select conversation_id from directs where one = least($1, $2) and other = greatest($1, $2)")
        .bind(a)
        .bind(b)
        .fetch_optional(db)
        .await
}

/// The shop that a talk of two would lie with: the first that one of them works for and the other may know of. `None`: they have
/// nothing to do with each other, or one of them may not come in any more.
pub async fn common_site(db: &PgPool, pair: [AgentId; 2]) -> sqlx::Result<Option<SiteId>> {
    let [a, b] = pair.map(|agent| agent.0);
    sqlx::query_scalar(
        "select s.id from sites s, agents a, agents b
        where a.id = $1 and b.id = $2 and a.id <> b.id and a.disabled_at is null and b.disabled_at is null
            and (a.role = 'admin' or exists (select from team_members m where m.agent_id = a.id and m.site_id = s.id))
            and (b.role = 'admin' or exists (select from team_members m where m.agent_id = b.id and m.site_id = s.id))
        order by s.created_at, s.id
        limit 1",
    )
    .bind(a)
    .bind(b)
    .fetch_optional(db)
    .await
}

/// Opens the talk of two, unless somebody does so at the same moment. Gives the one there is.
pub async fn open_talk(
    db: &PgPool,
    (site, pair): (SiteId, [AgentId; 2]),
    id: ConversationId,
    now: DateTime<Utc>,
) -> sqlx::Result<ConversationId> {
    let mut tx = db.begin().await?;
    lock_pair(&mut tx, pair).await?;
    let known: Option<ConversationId> = sqlx::query_scalar(
        "select conversation_id from directs where one = least($1, $2) and other = greatest($1, $2)",
    )
    .bind(pair[0])
    .bind(pair[1])
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    sqlx::query(
        "insert into conversations (site_id, id, kind, state, last_at, opened_at) values ($1, $2, 'direct', 'room', $3, $3)",
    )
    .bind(site)
    .bind(id)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into directs (one, other, site_id, conversation_id) values (least($1, $2), greatest($1, $2), $3, $4)",
    )
    .bind(pair[0])
    .bind(pair[1])
    .bind(site)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Whoever opens the same talk waits until this transaction ends.
async fn lock_pair(tx: &mut PgConnection, pair: [AgentId; 2]) -> sqlx::Result<()> {
    let mut pair: [Uuid; 2] = pair.map(|agent| agent.0);
    pair.sort_unstable();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('talk/' || $1::text || '/' || $2::text, 0))")
        .bind(pair[0])
        .bind(pair[1])
        .execute(tx)
        .await?;
    Ok(())
}
