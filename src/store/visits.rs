//! Who is at a shop with the chat open, as the nodes wrote it down, and those nodes' leases.

use super::sight::{contacts, person, visible};
use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId, NodeId, ShopperId, SiteId, TeamId};
use crate::domain::people::Role;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

/// Renews a node's lease; answers whether it was there. `is_behind`: not all is written down that changed.
pub async fn renew(db: &PgPool, node: NodeId, until: DateTime<Utc>, is_behind: bool) -> sqlx::Result<bool> {
    let renewed = sqlx::query("update node_leases set until = $2, is_behind = $3 where node = $1")
        .bind(node)
        .bind(until)
        .bind(is_behind)
        .execute(db)
        .await?;
    Ok(renewed.rows_affected() > 0)
}

/// A node of which nothing is written down yet.
pub async fn begin(db: &PgPool, node: NodeId, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("insert into node_leases (node, until, is_behind) values ($1, $2, true) on conflict (node) do nothing")
        .bind(node)
        .bind(until)
        .execute(db)
        .await?;
    Ok(())
}

/// A node that stops: its visitors are here until then at most.
pub async fn leave(db: &PgPool, node: NodeId, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update node_leases set until = least(until, $2) where node = $1")
        .bind(node)
        .bind(until)
        .execute(db)
        .await?;
    Ok(())
}

/// Strikes out whoever is on a node, and its lease.
pub async fn end(db: &PgPool, node: NodeId) -> sqlx::Result<()> {
    sqlx::query("delete from node_leases where node = $1").bind(node).execute(db).await?;
    Ok(())
}

/// Forgets nodes whose lease lapsed, and who was there.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from node_leases where until < $1").bind(now).execute(db).await?;
    Ok(())
}

fn apart<T: Copy>(all: &[T], who: impl Fn(T) -> (SiteId, ShopperId)) -> (Vec<SiteId>, Vec<ShopperId>) {
    all.iter().map(|one| who(*one)).unzip()
}

/// They came to this node. Whoever is on another already has been here since then.
pub async fn came(db: &PgPool, node: NodeId, came: &[((SiteId, ShopperId), DateTime<Utc>)]) -> sqlx::Result<()> {
    let (sites, shoppers) = apart(came, |(who, _)| who);
    sqlx::query(
        "insert into visits (site_id, shopper_id, node, since)
        select a.site_id, a.shopper_id, $1, least(a.since, (select min(v.since) from visits v
            where v.site_id = a.site_id and v.shopper_id = a.shopper_id))
        from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as a (site_id, shopper_id, since)
        on conflict (site_id, shopper_id, node) do nothing",
    )
    .bind(node)
    .bind(sites)
    .bind(shoppers)
    .bind(came.iter().map(|(_, since)| *since).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// They are not on this node any more.
pub async fn went(db: &PgPool, node: NodeId, went: &[(SiteId, ShopperId)]) -> sqlx::Result<()> {
    let (sites, shoppers) = apart(went, |who| who);
    sqlx::query(
        "delete from visits v using unnest($2::uuid[], $3::uuid[]) as g (site_id, shopper_id)
        where v.site_id = g.site_id and v.shopper_id = g.shopper_id and v.node = $1",
    )
    .bind(node)
    .bind(sites)
    .bind(shoppers)
    .execute(db)
    .await?;
    Ok(())
}

/// Most shops whose visitors are shown together.
const SHOPS: i64 = 1_000;

/// The shops somebody works for, by name; an admin works for all.
pub async fn shops(db: &PgPool, who: (AgentId, Role)) -> sqlx::Result<Vec<(SiteId, String)>> {
    sqlx::query_as(
        "select s.id, s.name from sites s
        where $2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = s.id)
        order by s.name, s.id
        limit $3",
    )
    .bind(who.0)
    .bind(who.1.as_str())
    .bind(SHOPS)
    .fetch_all(db)
    .await
}

/// Somebody who is at a shop now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Visitor {
    pub site_id: SiteId,
    pub site_name: String,
    pub shopper_id: ShopperId,
    /// The contact they stand with.
    pub person_id: ShopperId,
    pub name: String,
    pub verified: bool,
    pub locale: String,
    /// Where their browser says they are, unless the shop does not let agents see that.
    pub page: Option<Value>,
    /// As their browser says.
    pub cart: Option<Value>,
    /// As the shop signed it.
    pub signed_cart: Option<Value>,
    pub since: DateTime<Utc>,
    pub chat: Option<ConversationId>,
    pub state: Option<State>,
    pub queued_at: Option<DateTime<Utc>>,
    pub agent: Option<String>,
    /// Whoever asks may open the chat.
    pub may_open: bool,
    /// They wrote before, whoever may see what.
    pub has_past: bool,
    /// How many conversations they had before, of those that may be seen.
    pub past: i64,
}

/// Most visitors of a list.
pub const LISTED: i64 = 100;
/// Rows that a list is made of: somebody with tabs on several nodes has several.
const LISTED_ROWS: i64 = 4 * LISTED;
/// Most rows that are counted.
const COUNTED_ROWS: i64 = 10_000;

/// The newest at these shops, or one shopper of them, as `who` may see them.
pub async fn newest(
    db: &PgPool,
    who: (AgentId, Role),
    (sites, only): (&[SiteId], Option<ShopperId>),
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Visitor>> {
    let query = sqlx::query_as(concat!(
        "with here as materialized (
            select v.site_id, v.shopper_id, min(v.since) as since
            from (select v.site_id, v.shopper_id, v.since
                from visits v
                where v.site_id = any($3) and v.node = any(array(select l.node from node_leases l where l.until > $4))
                    and ($7::uuid is null or v.shopper_id = $7)
                order by v.since desc
                limit $5) v
            group by v.site_id, v.shopper_id
            order by min(v.since) desc, v.shopper_id
            limit $6
        )
        select s.id as site_id, s.name as site_name, h.shopper_id, w.person as person_id, p.name, p.verified, p.locale,
            case when s.settings->>'trail' is distinct from 'off' then
                jsonb_path_query_first(p.context, '$.pages[*] ? (!(@.url starts with \"track:\"))')
            end as page,
            p.context->'cart' as cart, p.attributes->'cart' as signed_cart, h.since,
            c.id as chat, c.state, c.queued_at, a.name as agent, coalesce(",
        visible!("c"),
        ", false) as may_open,
            exists (select from conversations o
                where o.site_id = h.site_id and o.shopper_id = h.shopper_id and o.state not in ('waiting', 'active')) as has_past,
            (select count(*) from conversations o
                where o.site_id = h.site_id and o.shopper_id = any(",
        contacts!("h.site_id", "w.person"),
        ") and o.state not in ('waiting', 'active') and ",
        visible!("o"),
        ") as past
        from here h
        join sites s on s.id = h.site_id
        join shoppers p on p.site_id = h.site_id and p.id = h.shopper_id
        cross join lateral (select ",
        person!("h.site_id", "h.shopper_id"),
        " as person offset 0) w
        left join conversations c on c.site_id = h.site_id and c.shopper_id = h.shopper_id
            and c.kind = 'support' and c.state in ('waiting', 'active')
        left join agents a on a.id = c.assignee_id
        where not exists (select from blocks b
            where b.site_id = h.site_id and b.shopper_id = h.shopper_id and b.lifted_at is null
                and (b.until is null or b.until > $4))
        order by h.since desc, h.shopper_id"
    ));
    let query = query.bind(who.0).bind(who.1.as_str()).bind(sites).bind(now).bind(LISTED_ROWS).bind(LISTED).bind(only);
    // Planned for these shops: the order of all of them serves many, an index of its own serves few.
    query.persistent(false).fetch_all(db).await
}

/// How many are at these shops.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Count {
    pub count: i64,
    /// There are more than were counted, or some are not written down yet.
    pub is_least: bool,
}

pub async fn count(db: &PgPool, sites: &[SiteId], now: DateTime<Utc>) -> sqlx::Result<Count> {
    let query = sqlx::query_as(
        "select count(*) as count,
            coalesce(sum(v.rows), 0) > $3 or exists (select from node_leases l where l.until > $2 and l.is_behind) as is_least
        from (select v.site_id, v.shopper_id, count(*) as rows
            from (select v.site_id, v.shopper_id
                from visits v
                where v.site_id = any($1) and v.node = any(array(select l.node from node_leases l where l.until > $2))
                limit $3 + 1) v
            group by v.site_id, v.shopper_id) v",
    );
    query.bind(sites).bind(now).bind(COUNTED_ROWS).persistent(false).fetch_one(db).await
}

/// The teams of the shop that somebody is in, by name; first the one that they talked to this shopper for last.
pub async fn teams_of(
    db: &PgPool,
    (site, shopper): (SiteId, ShopperId),
    agent: AgentId,
) -> sqlx::Result<Vec<(TeamId, String)>> {
    sqlx::query_as(
        "select t.id, t.name from team_members m
        join teams t on t.site_id = m.site_id and t.id = m.team_id
        where m.site_id = $1 and m.agent_id = $3
        order by t.id is not distinct from (select c.team_id from conversations c
            where c.site_id = $1 and c.shopper_id = $2 and c.assignee_id = $3 order by c.opened_at desc limit 1) desc, t.name, t.id",
    )
    .bind(site)
    .bind(shopper)
    .bind(agent)
    .fetch_all(db)
    .await
}
