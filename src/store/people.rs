//! Shoppers and staff.

use super::sight::may_open;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::people::{Agent, Role, Shopper, Status};
use crate::domain::prefs::Prefs;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool};

const AGENT: &str =
    "select a.id, a.email, a.name, a.role, a.capacity, a.available, a.off_as, a.status_reason, a.status_since, b.name as status_by,
        a.locale, a.zone, a.prefs
    from agents a
    left join agents b on b.id = a.status_by
    where a.disabled_at is null and a.id = $1";

pub async fn agent(db: &PgPool, id: AgentId) -> sqlx::Result<Option<Agent>> {
    sqlx::query_as(AGENT).bind(id).fetch_optional(db).await
}

/// An agent and their password's hash, by address, letter case aside.
pub async fn agent_by_email(db: &PgPool, email: &str) -> sqlx::Result<Option<(AgentId, Option<String>)>> {
    sqlx::query_as("select id, password_hash from agents where lower(email) = lower($1) and disabled_at is null")
        .bind(email)
        .fetch_optional(db)
        .await
}

/// The language of whoever signs in for the first time.
pub async fn first_locale(db: &PgPool, agent: AgentId, locale: &str) -> sqlx::Result<()> {
    sqlx::query("update agents set locale = $2 where id = $1 and locale is null")
        .bind(agent)
        .bind(locale)
        .execute(db)
        .await?;
    Ok(())
}

/// How somebody likes their console.
pub async fn set_prefs(
    db: &PgPool,
    agent: AgentId,
    (locale, zone): (&str, Option<&str>),
    prefs: &Prefs,
) -> sqlx::Result<()> {
    sqlx::query("update agents set locale = $2, zone = $3, prefs = $4 where id = $1")
        .bind(agent)
        .bind(locale)
        .bind(zone)
        .bind(sqlx::types::Json(prefs))
        .execute(db)
        .await?;
    Ok(())
}

pub struct NewAgent<'a> {
    pub id: AgentId,
    pub email: &'a str,
    pub name: &'a str,
    pub role: Role,
    /// `None`: they are invited, and have none yet.
    pub password_hash: Option<&'a str>,
    pub capacity: i16,
}

pub async fn add_agent(db: impl PgExecutor<'_>, agent: &NewAgent<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into agents (id, email, name, role, password_hash, capacity) values ($1, lower($2), $3, $4, $5, $6)",
    )
    .bind(agent.id)
    .bind(agent.email)
    .bind(agent.name)
    .bind(agent.role.as_str())
    .bind(agent.password_hash)
    .bind(agent.capacity)
    .execute(db)
    .await?;
    Ok(())
}

/// Gives somebody a new password; their id.
pub async fn set_password(db: &PgPool, email: &str, password_hash: &str) -> sqlx::Result<AgentId> {
    sqlx::query_scalar("update agents set password_hash = $2 where email = lower($1) returning id")
        .bind(email)
        .bind(password_hash)
        .fetch_one(db)
        .await
}

pub async fn join_team(db: impl PgExecutor<'_>, site: SiteId, team: TeamId, agent: AgentId) -> sqlx::Result<()> {
    sqlx::query("insert into team_members (site_id, team_id, agent_id) values ($1, $2, $3) on conflict do nothing")
        .bind(site)
        .bind(team)
        .bind(agent)
        .execute(db)
        .await?;
    Ok(())
}

/// A colleague as the transfer menu and the wall show them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Colleague {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    pub available: bool,
    pub off_as: Status,
    pub online: bool,
    pub load: i64,
    pub capacity: i16,
}

/// Everybody who works for a site, with their presence and load.
pub async fn colleagues(db: &PgPool, site: SiteId, now: DateTime<Utc>) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as(
        "select a.id, a.name, a.role, a.available, a.off_as, a.capacity,
            exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $2) as online,
            (select count(*) from conversations c where c.assignee_id = a.id and c.state = 'active' and c.seat is not null) as load
        from agents a
        where a.disabled_at is null
            and exists (select from team_members m where m.agent_id = a.id and m.site_id = $1)
        order by a.name
        limit 500",
    )
    .bind(site)
    .bind(now)
    .fetch_all(db)
    .await
}

const SHOPPER: &str = "select site_id, id, name, email, verified, locale from shoppers where site_id = $1 and id = $2";

pub async fn shopper(db: &PgPool, site: SiteId, id: ShopperId) -> sqlx::Result<Option<Shopper>> {
    sqlx::query_as(SHOPPER).bind(site).bind(id).fetch_optional(db).await
}

/// Who a token stands for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Holder {
    #[sqlx(flatten)]
    pub shopper: Shopper,
    /// A link was exchanged for the token: it is good for this conversation and no other.
    pub only: Option<ConversationId>,
    /// They may not come in.
    pub is_blocked: bool,
}

impl Holder {
    pub fn may_see(&self, conversation: ConversationId) -> bool {
        self.only.is_none_or(|only| only == conversation)
    }
}

/// The holder of a token, if it has not expired. One that a link was exchanged for ends half an hour after its conversation,
/// which is time to rate it and to ask for the transcript.
pub async fn holder(db: &PgPool, token_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<Option<Holder>> {
    sqlx::query_as(
        "select s.site_id, s.id, s.name, s.email, s.verified, s.locale, t.conversation_id as only,
            exists (select from blocks b where b.site_id = s.site_id and b.shopper_id = s.id
                and b.lifted_at is null and (b.until is null or b.until > $2)) as is_blocked
        from shopper_tokens t
        join shoppers s on s.site_id = t.site_id and s.id = t.shopper_id
        where t.token_hash = $1 and t.expires_at > $2
            and (t.conversation_id is null or exists (select from conversations c
                where c.site_id = t.site_id and c.id = t.conversation_id and c.shopper_id = t.shopper_id
                    and (c.closed_at is null or c.closed_at > $2 - interval '30 minutes')))",
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(db)
    .await
}

pub async fn add_shopper(tx: &mut PgConnection, shopper: &Shopper) -> sqlx::Result<()> {
    sqlx::query("insert into shoppers (site_id, id, name, email, locale) values ($1, $2, $3, $4, $5)")
        .bind(shopper.site_id)
        .bind(shopper.id)
        .bind(&shopper.name)
        .bind(&shopper.email)
        .bind(&shopper.locale)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn add_token(
    tx: &mut PgConnection,
    token_hash: &[u8],
    (site, shopper): (SiteId, ShopperId),
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("insert into shopper_tokens (token_hash, site_id, shopper_id, expires_at) values ($1, $2, $3, $4)")
        .bind(token_hash)
        .bind(site)
        .bind(shopper)
        .bind(expires_at)
        .execute(tx)
        .await?;
    Ok(())
}

/// What a shop's signed statement says about its shopper.
pub struct Identity<'a> {
    pub external_id: &'a str,
    pub name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub attributes: &'a Value,
}

/// The verified shopper of this identity, made or brought up to date.
pub async fn verified_shopper(
    tx: &mut PgConnection,
    site: SiteId,
    fresh: ShopperId,
    identity: &Identity<'_>,
    locale: &str,
) -> sqlx::Result<Shopper> {
    sqlx::query_as(
        "insert into shoppers (site_id, id, external_id, name, email, verified, locale, attributes)
        values ($1, $2, $3, coalesce($4, ''), $5, true, $6, $7)
        on conflict (site_id, external_id) where external_id is not null
        do update set name = coalesce($4, shoppers.name), email = coalesce($5, shoppers.email), locale = $6,
            attributes = $7, verified = true
        returning site_id, id, name, email, verified, locale",
    )
    .bind(site)
    .bind(fresh)
    .bind(identity.external_id)
    .bind(identity.name)
    .bind(identity.email)
    .bind(locale)
    .bind(identity.attributes)
    .fetch_one(tx)
    .await
}

/// What an unverified shopper said of themselves before the chat. A verified one's name and address never change this way.
pub async fn set_contact(
    tx: &mut PgConnection,
    (site, id): (SiteId, ShopperId),
    name: Option<&str>,
    email: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update shoppers set name = coalesce($3, name), email = coalesce($4, email)
        where site_id = $1 and id = $2 and not verified",
    )
    .bind(site)
    .bind(id)
    .bind(name)
    .bind(email)
    .execute(tx)
    .await?;
    Ok(())
}

/// The newest page, cart and fields that the shopper's browser reported; pages keep the last 30.
pub async fn set_context(db: &PgPool, (site, id): (SiteId, ShopperId), context: &Value) -> sqlx::Result<()> {
    sqlx::query(
        "update shoppers
        set context = jsonb_strip_nulls(jsonb_build_object(
            'cart', coalesce($3->'cart', context->'cart'),
            'fields', coalesce($3->'fields', context->'fields'),
            'answers', context->'answers',
            'pages', (select jsonb_agg(page) from (
                select page from jsonb_array_elements(
                    case when $3 ? 'page' and $3->'page' is distinct from context->'pages'->0
                        then jsonb_build_array($3->'page') else '[]' end || coalesce(context->'pages', '[]')
                ) with ordinality as p (page, n) order by n limit 30) newest)))
        where site_id = $1 and id = $2",
    )
    .bind(site)
    .bind(id)
    .bind(context)
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody answered to the questions before a chat, where it opened none: beside what their browser reports, in the place of
/// what was answered so before.
pub async fn keep_answers(tx: &mut PgConnection, (site, id): (SiteId, ShopperId), answers: &Value) -> sqlx::Result<()> {
    sqlx::query(
        "update shoppers set context = context || jsonb_build_object('answers', $3) where site_id = $1 and id = $2",
    )
    .bind(site)
    .bind(id)
    .bind(answers)
    .execute(tx)
    .await?;
    Ok(())
}

/// Reported by the browser, and attributes signed by the shop, for the agent's side panel.
pub async fn context(db: &PgPool, site: SiteId, id: ShopperId) -> sqlx::Result<(Value, Value)> {
    sqlx::query_as("select context, attributes from shoppers where site_id = $1 and id = $2")
        .bind(site)
        .bind(id)
        .fetch_one(db)
        .await
}

/// Whether this agent had this conversation once: then they are told that it is not theirs now, and nothing more.
pub async fn once_had(db: &PgPool, agent: AgentId, conversation: ConversationId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from conversations c
            join decisions d on d.site_id = c.site_id and d.conversation_id = c.id and d.chosen = $1
                and d.kind in ('assigned', 'accepted', 'handed_over', 'taken')
            where c.id = $2)",
    )
    .bind(agent)
    .bind(conversation)
    .fetch_one(db)
    .await
}

/// Whether this agent may see this conversation or room.
pub async fn may_see(
    db: &PgPool,
    agent: AgentId,
    role: Role,
    conversation: ConversationId,
) -> sqlx::Result<Option<SiteId>> {
    sqlx::query_scalar(concat!("select c.site_id from conversations c where c.id = $2 and ", may_open!("$1", "$3")))
        .bind(agent)
        .bind(conversation)
        .bind(role.as_str())
        .fetch_optional(db)
        .await
}

/// Everybody for whom [`may_see`] holds, with their names.
pub async fn who_may_see(db: &PgPool, conversation: ConversationId) -> sqlx::Result<Vec<(AgentId, String)>> {
    sqlx::query_as(concat!(
        "select a.id, a.name from agents a join conversations c on c.id = $1
            where a.disabled_at is null and ",
        may_open!("a.id", "a.role"),
        " order by a.name, a.id limit 500",
    ))
    .bind(conversation)
    .fetch_all(db)
    .await
}

/// The sites an agent works for; an admin works for all.
pub async fn sites_of(db: &PgPool, agent: AgentId, role: Role) -> sqlx::Result<Vec<SiteId>> {
    sqlx::query_scalar(
        "select s.id from sites s
        where $2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = s.id)
        order by s.name, s.id
        limit 1000",
    )
    .bind(agent)
    .bind(role.as_str())
    .fetch_all(db)
    .await
}
