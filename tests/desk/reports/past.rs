//! Conversations that are over, and tables to compare them with.

use crate::console::Browser;
use crate::harness::{Desk, cid};
use chrono::{DateTime, Utc};
use deskbell::domain::id::{SiteId, TeamId};

/// A table as CSV: its heads, its lines, and its last line.
pub struct Sheet {
    pub heads: Vec<String>,
    pub lines: Vec<Vec<String>>,
    pub all: Vec<String>,
}

impl Sheet {
    pub async fn of(browser: &Browser<'_>, report: &str, table: &str, query: &str) -> Self {
        let (status, text) = browser.get(&format!("/console/reports/{report}?{query}&csv={table}")).await;
        assert_eq!(status, 200, "{report} {table}");
        let text = text.strip_prefix('\u{feff}').expect("spreadsheets know UTF-8 by its mark");
        assert!(text.ends_with("\r\n"));
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let heads = rows.headers().unwrap().iter().map(str::to_owned).collect();
        let mut lines: Vec<Vec<String>> =
            rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let all = lines.pop().unwrap();
        assert_eq!(all[0], "All");
        Self { heads, lines, all }
    }

    pub fn column(&self, head: &str) -> usize {
        self.heads.iter().position(|other| other == head).unwrap_or_else(|| panic!("no {head} in {:?}", self.heads))
    }

    pub fn total(&self, head: &str) -> i64 {
        self.all[self.column(head)].parse().unwrap()
    }

    pub fn seconds(&self, head: &str) -> f64 {
        self.all[self.column(head)].parse().unwrap()
    }

    pub fn sum(&self, head: &str) -> i64 {
        let column = self.column(head);
        self.lines.iter().map(|line| line[column].parse::<i64>().unwrap()).sum()
    }

    pub fn line(&self, label: &str) -> &[String] {
        self.lines.iter().find(|line| line[0] == label).unwrap_or_else(|| panic!("no {label} in {:?}", self.lines))
    }
}

/// The last line of a page's table, without its label.
pub fn foot(page: &str, table: &str) -> Vec<String> {
    let block = page.split(&format!("id=\"h-{table}\"")).nth(1).unwrap();
    let foot = block.split("<tfoot>").nth(1).unwrap().split("</tfoot>").next().unwrap();
    let cells = foot.split("<bdi>").skip(1);
    cells.map(|cell| cell.split("</bdi>").next().unwrap().to_owned()).collect()
}

/// A duration as a page shows it, and how far it was rounded.
pub fn seconds_of(shown: &str) -> (f64, f64) {
    let (number, unit) = shown.split_once(' ').unwrap();
    let part = |at: usize| number.split(':').nth(at).map_or(0.0, |part| part.parse::<f64>().unwrap());
    match unit {
        "s" => (part(0), 0.51),
        "min" => (part(0) * 60.0 + part(1), 0.51),
        "h" => (part(0) * 3_600.0 + part(1) * 60.0, 60.0),
        other => panic!("{other}"),
    }
}

/// A conversation that is over, as the log would have left it.
#[derive(Clone, Copy)]
pub struct Past {
    pub opened: DateTime<Utc>,
    pub answered_s: Option<f64>,
    pub length_s: f64,
    pub score: Option<i16>,
    pub left: bool,
}

pub async fn remember(desk: &Desk, site: SiteId, team: TeamId, agent: uuid::Uuid, past: Past) {
    let id = uuid::Uuid::parse_str(&cid()).unwrap();
    let db = &desk.app.db.read;
    sqlx::query(
        "with shopper as (insert into shoppers (site_id, id) values ($1, $2) returning id)
        insert into conversations (site_id, id, shopper_id, team_id, state, queued_at, opened_at, last_at, closed_at, assignee_id,
            answered_at, score)
        select $1, $2, id, $3, 'closed', $4, $4, $4, $4 + make_interval(secs => $5), $6, $4 + make_interval(secs => $7), $8
        from shopper",
    )
    .bind(site)
    .bind(id)
    .bind(team)
    .bind(past.opened)
    .bind(past.length_s)
    .bind(past.answered_s.map(|_| agent))
    .bind(past.answered_s)
    .bind(past.score)
    .execute(db)
    .await
    .unwrap();
    let waited = past.answered_s.map(|s| (s * 500.0) as i64);
    sqlx::query(
        "with decided as (
            insert into decisions (site_id, conversation_id, gen, kind, chosen, candidates, waited_ms, at)
            select $1, $2, 1, 'assigned', $3, '[]', $4, $5 where $4 is not null
        ), rated as (
            insert into ratings (site_id, conversation_id, agent_id, score, comment, at)
            select $1, $2, $3, $7, 'A comment', $5 where $7 is not null
        )
        insert into events (site_id, conversation_id, seq, id, kind, author, author_id, at)
        select $1, $2, 1, gen_random_uuid(), 'message', 'agent', $3, $5 where $4 is not null
        union all select $1, $2, 2, $2, 'closed', case when $6 then 'shopper' else 'system' end, null, $5",
    )
    .bind(site)
    .bind(id)
    .bind(agent)
    .bind(waited)
    .bind(past.opened)
    .bind(past.left)
    .bind(past.score)
    .execute(db)
    .await
    .unwrap();
}
