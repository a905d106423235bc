//! Keeping the index: what is new, other or gone is taken apart in the order it was noted, and what was there before the index
//! was, in slices.
//!
//! One turn is one transaction, and one turn at a time runs in the whole house (an advisory lock): it reads each text as it is
//! now, so that a note that comes late, twice or after the fact does no harm, and what is taken back or deleted meanwhile is
//! noted again and put right by the next turn.

use crate::domain::id::SiteId;
use crate::domain::searched;
use crate::error::Result;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Only this program's indexers take it.
const LOCK: i64 = 7_375_001;

/// How words are made of texts: as `tsvector` reads them.
pub type Words = fn(SiteId, &[String]) -> String;

/// Something whose words are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
struct Thing {
    what: String,
    site_id: SiteId,
    id: Uuid,
    seq: i64,
}

/// A thing as it is now; `None`: it is gone.
struct Now {
    thing: Thing,
    text: Option<(DateTime<Utc>, Vec<String>)>,
}

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Somebody else's turn is under way.
    pub is_others: bool,
    /// Noted things that were taken apart.
    pub noted: usize,
    /// Things that were there before the index was, of this slice.
    pub old: usize,
    /// Nothing is left of those.
    pub is_whole: bool,
}

/// Takes apart what was noted, at most `limit` of it; when little was, a slice of what was there before.
pub async fn turn(db: &PgPool, words: Words, limit: i64) -> Result<Turn> {
    let mut tx = db.begin().await?;
    let is_ours: bool =
        sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(&mut *tx).await?;
    if !is_ours {
        return Ok(Turn { is_others: true, ..Turn::default() });
    }
    let noted = take(&mut tx, limit).await?;
    keep(&mut tx, words, &noted).await?;
    let mut done = Turn { noted: noted.len(), ..Turn::default() };
    if i64::try_from(noted.len()).is_ok_and(|noted| noted < limit) {
        let (old, is_whole) = slice(&mut tx, limit).await?;
        keep(&mut tx, words, &old).await?;
        (done.old, done.is_whole) = (old.len(), is_whole);
    }
    tx.commit().await?;
    Ok(done)
}

async fn take(tx: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Thing>> {
    sqlx::query_as(
        "delete from search_todo
        where ctid = any(array(select ctid from search_todo limit $1))
        returning what, site_id, id, seq",
    )
    .bind(limit)
    .fetch_all(tx)
    .await
}

/// The next slice of what was there before, and whether it was the last of all.
async fn slice(tx: &mut PgConnection, limit: i64) -> sqlx::Result<(Vec<Thing>, bool)> {
    let at: Option<Thing> = sqlx::query_as(
        "select what, site_id, id, seq from search_backfill where done_at is null order by what limit 1 for update",
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(at) = at else { return Ok((Vec::new(), true)) };
    let statement = match at.what.as_str() {
        "said" => {
            "select 'said' as what, site_id, conversation_id as id, seq
            from events
            where (site_id, conversation_id, seq) < ($1, $2, $3)
            order by site_id desc, conversation_id desc, seq desc
            limit $4"
        }
        "shopper" => {
            "select 'shopper' as what, site_id, id, 0::bigint as seq
            from shoppers
            where (site_id, id) < ($1, $2) and $3::bigint is not null
            order by site_id desc, id desc
            limit $4"
        }
        _ => {
            "select 'ticket' as what, site_id, conversation_id as id, 0::bigint as seq
            from tickets
            where (site_id, conversation_id) < ($1, $2) and $3::bigint is not null
            order by site_id desc, conversation_id desc
            limit $4"
        }
    };
    let things: Vec<Thing> =
        sqlx::query_as(statement).bind(at.site_id).bind(at.id).bind(at.seq).bind(limit).fetch_all(&mut *tx).await?;
    let last = things.last();
    sqlx::query(
        "update search_backfill
        set site_id = coalesce($2, site_id), id = coalesce($3, id), seq = coalesce($4, seq), done_at = case when $5 then now() end
        where what = $1",
    )
    .bind(&at.what)
    .bind(last.map(|last| last.site_id))
    .bind(last.map(|last| last.id))
    .bind(last.map(|last| last.seq))
    .bind(last.is_none())
    .execute(tx)
    .await?;
    Ok((things, false))
}

async fn keep(tx: &mut PgConnection, words: Words, things: &[Thing]) -> sqlx::Result<()> {
    let mut things = things.to_vec();
    things.sort_unstable();
    things.dedup();
    let of = |what: &str| things.iter().filter(|thing| thing.what == what).cloned().collect::<Vec<_>>();
    let (said, shoppers, tickets) = (of("said"), of("shopper"), of("ticket"));
    if !said.is_empty() {
        let now = read_said(tx, said).await?;
        Columns::of(words, now).write(tx, KEEP_SAID, FORGET_SAID).await?;
    }
    let mut known = Vec::new();
    if !shoppers.is_empty() {
        known.extend(read_shoppers(tx, shoppers).await?);
    }
    if !tickets.is_empty() {
        known.extend(read_tickets(tx, tickets).await?);
    }
    if !known.is_empty() {
        Columns::of(words, known).write(tx, KEEP_KNOWN, FORGET_KNOWN).await?;
    }
    Ok(())
}

const KEEP_SAID: &str = "insert into search_said (site_id, conversation_id, seq, at, words)
    select n.site_id, n.id, n.seq, n.at, (n.words || case when c.kind in ('room', 'direct') then ' ''@room''' else '' end)::tsvector
    from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::text[]) as n (what, site_id, id, seq, at, words)
    left join conversations c on c.site_id = n.site_id and c.id = n.id
    on conflict (site_id, conversation_id, seq) do update set at = excluded.at, words = excluded.words";
const FORGET_SAID: &str = "delete from search_said d
    using unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[]) as n (what, site_id, id, seq)
    where d.site_id = n.site_id and d.conversation_id = n.id and d.seq = n.seq";
const KEEP_KNOWN: &str = "insert into search_known (what, site_id, id, at, words)
    select what, site_id, id, at, words::tsvector
    from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::text[]) as n (what, site_id, id, seq, at, words)
    on conflict (site_id, what, id) do update set at = excluded.at, words = excluded.words";
const FORGET_KNOWN: &str = "delete from search_known d
    using unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[]) as n (what, site_id, id, seq)
    where d.site_id = n.site_id and d.what = n.what and d.id = n.id";

#[derive(Default)]
struct Columns {
    what: Vec<String>,
    site: Vec<SiteId>,
    id: Vec<Uuid>,
    seq: Vec<i64>,
    at: Vec<DateTime<Utc>>,
    words: Vec<String>,
    gone: Vec<Thing>,
}

impl Columns {
    fn of(words: Words, things: Vec<Now>) -> Self {
        let mut columns = Self::default();
        for Now { thing, text } in things {
            let Some((at, texts)) = text else {
                columns.gone.push(thing);
                continue;
            };
            columns.words.push(words(thing.site_id, &texts));
            columns.what.push(thing.what);
            columns.site.push(thing.site_id);
            columns.id.push(thing.id);
            columns.seq.push(thing.seq);
            columns.at.push(at);
        }
        columns
    }

    async fn write(self, tx: &mut PgConnection, keep: &'static str, forget: &'static str) -> sqlx::Result<()> {
        if !self.words.is_empty() {
            let statement = sqlx::query(keep).bind(self.what).bind(self.site).bind(self.id).bind(self.seq);
            statement.bind(self.at).bind(self.words).execute(&mut *tx).await?;
        }
        if !self.gone.is_empty() {
            let gone = &self.gone;
            sqlx::query(forget)
                .bind(gone.iter().map(|thing| thing.what.clone()).collect::<Vec<_>>())
                .bind(gone.iter().map(|thing| thing.site_id).collect::<Vec<_>>())
                .bind(gone.iter().map(|thing| thing.id).collect::<Vec<_>>())
                .bind(gone.iter().map(|thing| thing.seq).collect::<Vec<_>>())
                .execute(tx)
                .await?;
        }
        Ok(())
    }
}

fn keys(things: &[Thing]) -> (Vec<SiteId>, Vec<Uuid>, Vec<i64>) {
    let sites = things.iter().map(|thing| thing.site_id).collect();
    (sites, things.iter().map(|thing| thing.id).collect(), things.iter().map(|thing| thing.seq).collect())
}

#[derive(sqlx::FromRow)]
struct Said {
    at: Option<DateTime<Utc>>,
    kind: Option<String>,
    body: Option<String>,
    data: Option<Value>,
}

async fn read_said(tx: &mut PgConnection, things: Vec<Thing>) -> sqlx::Result<Vec<Now>> {
    let (sites, ids, seqs) = keys(&things);
    let rows: Vec<Said> = sqlx::query_as(
        "select e.at, e.kind, e.body, e.data
        from unnest($1::uuid[], $2::uuid[], $3::bigint[]) with ordinality as n (site_id, id, seq, n)
        left join events e on e.site_id = n.site_id and e.conversation_id = n.id and e.seq = n.seq
        order by n.n",
    )
    .bind(sites)
    .bind(ids)
    .bind(seqs)
    .fetch_all(tx)
    .await?;
    let text = |row: Said| {
        let texts = searched::texts(row.kind.as_deref()?, row.body.as_deref(), row.data.as_ref());
        row.at.filter(|_| !texts.is_empty()).map(|at| (at, texts))
    };
    Ok(in_order(things, rows.into_iter().map(text)))
}

#[derive(sqlx::FromRow)]
struct Shopper {
    at: Option<DateTime<Utc>>,
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    attributes: Option<Value>,
    fields: Option<Value>,
}

async fn read_shoppers(tx: &mut PgConnection, things: Vec<Thing>) -> sqlx::Result<Vec<Now>> {
    let (sites, ids, _) = keys(&things);
    let rows: Vec<Shopper> = sqlx::query_as(
        "select p.created_at as at, p.name, p.email, p.external_id, p.attributes, p.context->'fields' as fields
        from unnest($1::uuid[], $2::uuid[]) with ordinality as n (site_id, id, n)
        left join shoppers p on p.site_id = n.site_id and p.id = n.id
        order by n.n",
    )
    .bind(sites)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    let text = |row: Shopper| {
        let mut texts: Vec<String> =
            [row.name, row.email, row.external_id].into_iter().flatten().filter(|text| !text.is_empty()).collect();
        for facts in [row.attributes, row.fields].into_iter().flatten() {
            searched::leaves(&facts, &mut texts);
        }
        row.at.filter(|_| !texts.is_empty()).map(|at| (at, texts))
    };
    Ok(in_order(things, rows.into_iter().map(text)))
}

type TicketRow = (Option<DateTime<Utc>>, Option<i64>, Option<String>, Option<String>, Option<String>);

async fn read_tickets(tx: &mut PgConnection, things: Vec<Thing>) -> sqlx::Result<Vec<Now>> {
    let (sites, ids, _) = keys(&things);
    let rows: Vec<TicketRow> = sqlx::query_as(
        "select k.created_at, k.number, k.subject, k.name, k.email
        from unnest($1::uuid[], $2::uuid[]) with ordinality as n (site_id, id, n)
        left join tickets k on k.site_id = n.site_id and k.conversation_id = n.id
        order by n.n",
    )
    .bind(sites)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    let text = |(at, number, subject, name, email): TicketRow| {
        let number = number.map(|number| number.to_string());
        Some((at?, [number, subject, name, email].into_iter().flatten().collect()))
    };
    Ok(in_order(things, rows.into_iter().map(text)))
}

/// Texts were asked for in the order of the things, and came so.
fn in_order(things: Vec<Thing>, texts: impl Iterator<Item = Option<(DateTime<Utc>, Vec<String>)>>) -> Vec<Now> {
    things.into_iter().zip(texts).map(|(thing, text)| Now { thing, text }).collect()
}

/// How the index stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Noted and not taken apart yet; counted up to a bound.
    pub waiting: i64,
    /// Whatever was there before the index is in it.
    pub is_whole: bool,
}

/// More is not counted.
pub const COUNTED_MAX: i64 = 100_000;

pub async fn standing(db: &PgPool) -> sqlx::Result<Standing> {
    let (waiting, is_whole) = sqlx::query_as(
        "select (select count(*) from (select from search_todo limit $1) as noted),
            not exists (select from search_backfill where done_at is null)",
    )
    .bind(COUNTED_MAX)
    .fetch_one(db)
    .await?;
    Ok(Standing { waiting, is_whole })
}
