//! What became of what staff wrote: how far it has come to the shopper, and when it was seen.

use crate::domain::id::{ConversationId, SiteId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// A conversation has come this far to the shopper's browser, in the shopper's numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub upto: i64,
}

/// Keeps them, where that is news; gives those, in the numbering of staff. What somebody writes to this moment is left for the
/// next time: the writer locks several chats at once, and nobody may wait for it while holding one.
pub async fn set_reached(db: &PgPool, arrivals: &[Arrival]) -> sqlx::Result<Vec<(ConversationId, i64)>> {
    let (mut sites, mut conversations, mut uptos) = (Vec::new(), Vec::new(), Vec::new());
    for arrival in arrivals {
        sites.push(arrival.site);
        conversations.push(arrival.conversation);
        uptos.push(arrival.upto);
    }
    sqlx::query_as(
        "with fresh as (
            select c.site_id, c.id, least(n.upto, c.shopper_seq) as upto
            from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as n (site_id, id, upto)
            join conversations c on c.site_id = n.site_id and c.id = n.id
            where c.shopper_got < least(n.upto, c.shopper_seq) and c.shopper_read < least(n.upto, c.shopper_seq)
            for no key update of c skip locked)
        update conversations c set shopper_got = fresh.upto
        from fresh where c.site_id = fresh.site_id and c.id = fresh.id
        returning c.id, coalesce((select max(e.seq) from events e
            where e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq <= c.shopper_got), 0)",
    )
    .bind(sites)
    .bind(conversations)
    .bind(uptos)
    .fetch_all(db)
    .await
}

/// Moves the shopper's read mark forward; answers whether it moved.
pub async fn set_seen(
    db: &PgPool,
    (site, id): (SiteId, ConversationId),
    upto: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "with moved as (
            update conversations set shopper_read = least($3, shopper_seq)
            where site_id = $1 and id = $2 and shopper_read < least($3, shopper_seq)
            returning site_id, id, shopper_read)
        insert into seen_marks (site_id, conversation_id, upto, at) select site_id, id, shopper_read, $4 from moved",
    )
    .bind(site)
    .bind(id)
    .bind(upto)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How far a conversation has come to its shopper, and been seen by them and when; in the numbering of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Marks {
    pub got: i64,
    pub seen: i64,
    pub seen_at: Option<DateTime<Utc>>,
}

pub async fn marks(db: &PgPool, (site, id): (SiteId, ConversationId)) -> sqlx::Result<Option<Marks>> {
    sqlx::query_as(
        "select
            coalesce((select max(e.seq) from events e
                where e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq <= c.shopper_got), 0) as got,
            coalesce((select max(e.seq) from events e
                where e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq <= c.shopper_read), 0) as seen,
            (select m.at from seen_marks m where m.site_id = c.site_id and m.conversation_id = c.id
                order by m.upto desc limit 1) as seen_at
        from conversations c
        where c.site_id = $1 and c.id = $2",
    )
    .bind(site)
    .bind(id)
    .fetch_optional(db)
    .await
}

/// When the shopper has seen what: each event by the first mark at or after it. In the shopper's numbering.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    marks: Vec<(i64, DateTime<Utc>)>,
}

impl Seen {
    /// Of at most so many events, from this one on.
    pub async fn from(
        db: &PgPool,
        (site, id): (SiteId, ConversationId),
        first: i64,
        events: usize,
    ) -> sqlx::Result<Self> {
        let marks = sqlx::query_as(
            "select upto, at from seen_marks where site_id = $1 and conversation_id = $2 and upto >= $3
            order by upto limit $4",
        );
        let most = i64::try_from(events).unwrap_or(i64::MAX);
        Ok(Self { marks: marks.bind(site).bind(id).bind(first).bind(most).fetch_all(db).await? })
    }

    pub fn at(&self, seq: i64) -> Option<DateTime<Utc>> {
        let first = self.marks.partition_point(|(upto, _)| *upto < seq);
        self.marks.get(first).map(|(_, at)| *at)
    }
}
