//! What came of the conversations that were opened in a span of time, cut into lines: by day, by hour of the day, by agent, by
//! score. Every cut ends with one line without a label, which is all of them together and not a sum of the others: half of all
//! answers is not the sum of the halves.

use super::search::Failure;
use crate::domain::id::{AgentId, ConversationId, SiteId, TeamId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Which conversations: those that were opened at these sites, of one team or of all, from the first edge on and before the last.
#[derive(Clone, Debug)]
pub struct Span {
    pub sites: Vec<SiteId>,
    pub team: Option<TeamId>,
    /// Where each line in time begins, and where the last one ends; at least two.
    pub edges: Vec<DateTime<Utc>>,
    /// Since when local time is ahead of UTC by how many seconds: in order, the first not after the first edge.
    pub offsets: Vec<(DateTime<Utc>, i32)>,
    /// What has not ended yet is counted up to now.
    pub now: DateTime<Utc>,
}

/// What stands in a line, and by what lines are told apart. Times are seconds. Lines in time are named by their number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// By time: opened; of these answered, become a letter before they were, left by the shopper before anybody had them, the rest.
    Volume,
    /// By the hour of the day, 0 to 23: the same.
    Hours,
    /// By time: first answers, half and nine of ten within; ended that never became a letter, half and nine of ten within.
    Answers,
    /// By how long the first answer took, 0 to 5: within 30 s, 1, 2, 5, 15 minutes, longer. How many.
    Waits,
    /// By agent: conversations of those who had them last, half of them ended within; half and nine of ten of the first answers
    /// that they gave; ratings given to them, of these 4 or 5; how long they were here and not off duty, of this available. Who was
    /// on duty and had none stands there too.
    Agents,
    /// By time: rated, of these 4 or 5, the mean.
    Ratings,
    /// By score, 1 to 5: how many.
    Scores,
    /// By time: came into the line, got an agent, half and nine of ten within, the longest, left, first answers after their target.
    Queue,
    /// By the hour of the day: came into the line, nine of ten got an agent within, left.
    Rush,
}

/// One line; without a label it is all of them together.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Line {
    pub label: Option<String>,
    pub numbers: Vec<Option<f64>>,
}

/// The conversations that are asked for, each with its line in time and what came of it; then what is made of them.
macro_rules! cut {
    ($($select:tt)*) => {
        concat!(
            "with asked as (
                select c.site_id, c.id, c.assignee_id, c.queued_at, k.created_at as lettered_at,
                    width_bucket(c.opened_at, $3)::text as step,
                    extract(hour from (c.opened_at at time zone 'UTC') + make_interval(secs => ($5::int[])[width_bucket(c.opened_at, $4)]))::int::text as hour,
                    case when k.created_at < c.answered_at is not true and c.queued_at is not null then extract(epoch from c.answered_at - c.opened_at)::float8 end as answer_s,
                    case when k.created_at is null then extract(epoch from c.closed_at - c.opened_at)::float8 end as length_s,
                    case
                        when k.created_at is not null and k.created_at < coalesce(c.answered_at, 'infinity') then 'letter'
                        when c.answered_at is not null then 'answered'
                        when c.state = 'closed' and c.assignee_id is null and exists (select from events e
                            where e.site_id = c.site_id and e.conversation_id = c.id and e.kind = 'closed' and e.author = 'shopper')
                            then 'left'
                        else 'other'
                    end as came
                from conversations c
                left join tickets k on k.site_id = c.site_id and k.conversation_id = c.id
                where c.site_id = any($1) and c.opened_at >= ($3)[1] and c.opened_at < least(($3)[cardinality($3)], $6)
                    and c.kind in ('support', 'ticket') and ($2::uuid is null or c.team_id = $2)
            ) ",
            $($select)*
        )
    };
}

/// What came of a conversation is reckoned once for each of them, not once for each column.
macro_rules! volume {
    ($by:literal) => {
        cut!(
            "select part as label, array[coalesce(sum(n), 0), coalesce(sum(n) filter (where came = 'answered'), 0),
                coalesce(sum(n) filter (where came = 'letter'), 0), coalesce(sum(n) filter (where came = 'left'), 0),
                coalesce(sum(n) filter (where came = 'other'), 0)]::float8[] as numbers
            from (select ",
            $by,
            " as part, came, count(*) as n from asked group by part, came) counted
            group by grouping sets ((part), ())"
        )
    };
}

/// Those who came into the line, and how long the first agent took to come.
macro_rules! waited {
    ($($select:tt)*) => {
        cut!(
            ", waited as (
                select asked.*, got.wait_s
                from asked
                left join lateral (select d.waited_ms / 1000.0::float8 as wait_s from decisions d
                    where d.site_id = asked.site_id and d.conversation_id = asked.id and d.kind in ('assigned', 'accepted', 'taken', 'handed_over')
                    order by d.n limit 1) got on true
                where asked.queued_at is not null and (asked.lettered_at is null or asked.lettered_at > asked.queued_at)
            ) ",
            $($select)*
        )
    };
}

macro_rules! rated {
    ($($select:tt)*) => {
        cut!(
            ", rated as (select asked.step, r.score from asked
                join ratings r on r.site_id = asked.site_id and r.conversation_id = asked.id) ",
            $($select)*
        )
    };
}

const AGENTS: &str = cut!(
                ", spells as (
                    select crew.agent_id, spell.status, greatest(spell.s, 0) as s
                    from (select distinct m.agent_id from team_members m
                        where m.site_id = any($1) and ($2::uuid is null or m.team_id = $2)) crew
                    cross join lateral (
                        select d.status, d.is_here, extract(epoch from
                            least(lead(d.at) over (order by d.at, d.n), ($3)[cardinality($3)], $6) - greatest(d.at, ($3)[1]))::float8 as s
                        from duty d
                        where d.agent_id = crew.agent_id and d.at < least(($3)[cardinality($3)], $6)
                            and d.at >= coalesce((select max(b.at) from duty b
                                where b.agent_id = crew.agent_id and b.at <= ($3)[1]), '-infinity')
                    ) spell
                    where spell.is_here and spell.status <> 'offline'
                ), facts as (
                    select assignee_id as agent_id, 1 as chat, null::float8 as answer_s, length_s, null::smallint as score,
                        null::float8 as duty_s, null::float8 as open_s
                    from asked where assignee_id is not null
                    union all
                    select agent_id, null, null, null, null, s, case when status = 'available' then s end
                    from spells where s > 0
                    union all
                    select e.author_id, null, asked.answer_s, null, null, null, null
                    from asked cross join lateral (select e.author_id from events e
                        where e.site_id = asked.site_id and e.conversation_id = asked.id and e.kind = 'message' and e.author = 'agent'
                        order by e.seq limit 1) e
                    where asked.answer_s is not null
                    union all
                    select r.agent_id, null, null, null, r.score, null, null
                    from asked join ratings r on r.site_id = asked.site_id and r.conversation_id = asked.id
                )
                select a.name as label, array[count(chat), percentile_cont(0.5) within group (order by length_s),
                    percentile_cont(0.5) within group (order by answer_s), percentile_cont(0.9) within group (order by answer_s),
                    count(score), count(*) filter (where score >= 4), coalesce(sum(duty_s), 0), coalesce(sum(open_s), 0)]::float8[] as numbers
                from facts join agents a on a.id = facts.agent_id
                group by grouping sets ((a.id, a.name), ())
                order by count(chat) desc, a.name"
            );

impl Cut {
    fn statement(self) -> &'static str {
        match self {
            Self::Volume => volume!("step"),
            Self::Hours => volume!("hour"),
            Self::Answers => cut!(
                "select step as label, array[count(answer_s), percentile_cont(0.5) within group (order by answer_s),
                    percentile_cont(0.9) within group (order by answer_s), count(length_s),
                    percentile_cont(0.5) within group (order by length_s),
                    percentile_cont(0.9) within group (order by length_s)]::float8[] as numbers
                from asked group by grouping sets ((step), ())"
            ),
            Self::Waits => cut!(
                "select within as label, array[count(*)]::float8[] as numbers
                from (select case when answer_s <= 30 then '0' when answer_s <= 60 then '1' when answer_s <= 120 then '2'
                        when answer_s <= 300 then '3' when answer_s <= 900 then '4' else '5' end as within
                    from asked where answer_s is not null) answered
                group by grouping sets ((within), ())"
            ),
            Self::Agents => AGENTS,
            Self::Ratings => rated!(
                "select step as label, array[count(*), count(*) filter (where score >= 4), avg(score)]::float8[] as numbers
                from rated group by grouping sets ((step), ())"
            ),
            Self::Scores => rated!(
                "select score::text as label, array[count(*)]::float8[] as numbers from rated group by grouping sets ((score), ())"
            ),
            Self::Queue => waited!(
                "select step as label, array[count(*), count(wait_s), percentile_cont(0.5) within group (order by wait_s),
                    percentile_cont(0.9) within group (order by wait_s), max(wait_s), count(*) filter (where came = 'left'),
                    count(*) filter (where answer_s is not null and exists (select from sla_marks m where m.site_id = waited.site_id
                        and m.conversation_id = waited.id and m.target = 'first' and m.breached_at is not null))]::float8[] as numbers
                from waited group by grouping sets ((step), ())"
            ),
            Self::Rush => waited!(
                "select hour as label, array[count(*), percentile_cont(0.9) within group (order by wait_s),
                    count(*) filter (where came = 'left')]::float8[] as numbers
                from waited group by grouping sets ((hour), ())"
            ),
        }
    }
}

/// A cut that takes longer is given up, in milliseconds.
const PATIENCE_MS: &str = "10000";

/// All cuts as of one moment. Lines that have nothing in them are left out, but for the one of all together.
pub async fn lines(db: &PgPool, span: &Span, cuts: &[Cut]) -> Result<Vec<Vec<Line>>, Failure> {
    let (since, ahead): (Vec<_>, Vec<_>) = span.offsets.iter().copied().unzip();
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    sqlx::query(
        "select set_config('statement_timeout', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true)",
    )
    .bind(PATIENCE_MS)
    .execute(&mut *tx)
    .await?;
    let mut found = Vec::with_capacity(cuts.len());
    for cut in cuts {
        let asked = sqlx::query_as(cut.statement()).bind(&span.sites).bind(span.team);
        let asked = asked.bind(&span.edges).bind(&since).bind(&ahead).bind(span.now);
        found.push(asked.fetch_all(&mut *tx).await?);
    }
    tx.rollback().await?;
    Ok(found)
}

/// What somebody wrote beside their score.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Comment {
    pub conversation_id: ConversationId,
    pub shopper: String,
    pub agent_id: Option<AgentId>,
    pub agent: Option<String>,
    pub score: i16,
    pub comment: String,
    pub at: DateTime<Utc>,
}

/// The latest, newest first.
pub async fn comments(db: &PgPool, span: &Span, most: i64) -> Result<Vec<Comment>, Failure> {
    let found = sqlx::query_as(
        "select r.conversation_id, s.name as shopper, r.agent_id, a.name as agent, r.score, r.comment, r.at
        from conversations c
        join ratings r on r.site_id = c.site_id and r.conversation_id = c.id
        join shoppers s on s.site_id = c.site_id and s.id = c.shopper_id
        left join agents a on a.id = r.agent_id
        where c.site_id = any($1) and c.opened_at >= ($3)[1] and c.opened_at < ($3)[cardinality($3)]
            and c.kind in ('support', 'ticket') and ($2::uuid is null or c.team_id = $2) and r.comment <> ''
        order by r.at desc, r.conversation_id
        limit $4",
    )
    .bind(&span.sites)
    .bind(span.team)
    .bind(&span.edges)
    .bind(most)
    .fetch_all(db)
    .await?;
    Ok(found)
}
