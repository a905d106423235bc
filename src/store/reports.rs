//! What came of the conversations that were opened in a span of time, cut into lines: by day, by hour of the day, by agent, by
//! score. Every cut ends with one line without a label, which is all of them together and not a sum of the others: half of all
//! answers is not the sum of the halves.

use crate::domain::id::{AgentId, ConversationId, SiteId, TeamId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// How wide a line is in time, as PostgreSQL's `date_trunc` names it. Weeks begin on Monday (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// Which conversations: those that were opened at these sites from `from` on and before `until`. Days and hours are those of
/// `zone`, as IANA names it.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    pub sites: &'a [SiteId],
    pub team: Option<TeamId>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub step: Step,
    pub zone: &'a str,
}

/// What stands in a line, and by what lines are told apart. Times are seconds; shares are of a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// By time: opened; of these answered, sent as a letter, left by the shopper before anybody had them, and the rest.
    Volume,
    /// By the hour of the day, 0 to 23: the same.
    Hours,
    /// By time: first answers, half and nine of ten within; ended, half and nine of ten within.
    Answers,
    /// By how long the first answer took, 0 to 5: within 30 s, 1, 2, 5, 15 minutes, longer. How many.
    Waits,
    /// By agent: conversations, first answers half and nine of ten within, ended half within, rated, of these 4 or 5.
    Agents,
    /// By time: rated, of these 4 or 5, the mean.
    Ratings,
    /// By score, 1 to 5: how many.
    Scores,
    /// By time: came into the line, got an agent, half and nine of ten within, the longest, left, first answers that were late.
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
                select c.site_id, c.id, c.assignee_id, c.score, c.queued_at,
                    date_trunc($5, c.opened_at at time zone $6)::date::text as step,
                    extract(hour from c.opened_at at time zone $6)::int::text as hour,
                    extract(epoch from c.answered_at - c.opened_at)::float8 as answer_s,
                    extract(epoch from c.closed_at - c.opened_at)::float8 as length_s,
                    case
                        when c.answered_at is not null then 'answered'
                        when c.state = 'ticketed' then 'letter'
                        when c.state = 'closed' and c.assignee_id is null and exists (select from events e
                            where e.site_id = c.site_id and e.conversation_id = c.id and e.kind = 'closed' and e.author = 'shopper')
                            then 'left'
                        else 'other'
                    end as came
                from conversations c
                where c.site_id = any($1) and c.opened_at >= $2 and c.opened_at < $3
                    and c.kind in ('support', 'ticket') and ($4::uuid is null or c.team_id = $4)
            ) ",
            $($select)*
        )
    };
}

macro_rules! volume {
    ($by:literal) => {
        cut!(
            "select ",
            $by,
            " as label, array[count(*), count(*) filter (where came = 'answered'), count(*) filter (where came = 'letter'),
                count(*) filter (where came = 'left'), count(*) filter (where came = 'other')]::float8[] as numbers
            from asked group by grouping sets ((",
            $by,
            "), ())"
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
                    where d.site_id = asked.site_id and d.conversation_id = asked.id and d.kind in ('assigned', 'accepted', 'taken')
                    order by d.n limit 1) got on true
                where asked.queued_at is not null
            ) ",
            $($select)*
        )
    };
}

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
            Self::Agents => cut!(
                "select a.name as label, array[count(*), percentile_cont(0.5) within group (order by answer_s),
                    percentile_cont(0.9) within group (order by answer_s), percentile_cont(0.5) within group (order by length_s),
                    count(score), count(*) filter (where score >= 4)]::float8[] as numbers
                from asked join agents a on a.id = asked.assignee_id
                group by grouping sets ((a.id, a.name), ())
                order by count(*) desc, a.name"
            ),
            Self::Ratings => cut!(
                "select step as label, array[count(score), count(*) filter (where score >= 4), avg(score)]::float8[] as numbers
                from asked group by grouping sets ((step), ())"
            ),
            Self::Scores => cut!(
                "select score::text as label, array[count(*)]::float8[] as numbers
                from asked where score is not null group by grouping sets ((score), ())"
            ),
            Self::Queue => waited!(
                "select step as label, array[count(*), count(wait_s), percentile_cont(0.5) within group (order by wait_s),
                    percentile_cont(0.9) within group (order by wait_s), max(wait_s), count(*) filter (where came = 'left'),
                    count(*) filter (where exists (select from sla_marks m where m.site_id = waited.site_id
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

/// Lines that have nothing in them are left out, but for the one of all together.
pub async fn lines(db: &PgPool, span: &Span<'_>, cut: Cut) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as(cut.statement())
        .bind(span.sites)
        .bind(span.from)
        .bind(span.until)
        .bind(span.team)
        .bind(span.step.as_str())
        .bind(span.zone)
        .fetch_all(db)
        .await
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
pub async fn comments(db: &PgPool, span: &Span<'_>, most: i64) -> sqlx::Result<Vec<Comment>> {
    sqlx::query_as(
        "select r.conversation_id, s.name as shopper, r.agent_id, a.name as agent, r.score, r.comment, r.at
        from conversations c
        join ratings r on r.site_id = c.site_id and r.conversation_id = c.id
        join shoppers s on s.site_id = c.site_id and s.id = c.shopper_id
        left join agents a on a.id = r.agent_id
        where c.site_id = any($1) and c.opened_at >= $2 and c.opened_at < $3
            and c.kind in ('support', 'ticket') and ($4::uuid is null or c.team_id = $4) and r.comment <> ''
        order by r.at desc, r.conversation_id
        limit $5",
    )
    .bind(span.sites)
    .bind(span.from)
    .bind(span.until)
    .bind(span.team)
    .bind(most)
    .fetch_all(db)
    .await
}
