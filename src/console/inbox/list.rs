//! A list as page and live update print it.

use super::View;
use super::bar::Bar;
use super::row::{Row, Waits};
use super::wish::{Sort, Wish};
use crate::app::App;
use crate::console::due::Calendars;
use crate::conversations::site_by_id;
use crate::domain::id::ConversationId;
use crate::domain::people::Agent;
use crate::error::Result;
use crate::store::conversations::{self as store, Listing};
use crate::store::{cards, triage};
use crate::words::{self, Lang, filters};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

/// Most rows on a page, and of a list that is not turned page by page.
const ROWS: i64 = 50;
const ROWS_MAX: i64 = 300;

#[derive(Clone, Debug)]
pub struct List {
    pub view: View,
    pub wish: Wish,
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub older: Option<String>,
    /// There are more, which are not shown.
    pub is_cut: bool,
    pub is_first_page: bool,
    /// A conversation is open beside it.
    pub is_beside: bool,
    /// On a page: how it is sorted and narrowed.
    pub bar: Option<Bar>,
}

impl List {
    pub async fn read(
        app: &App,
        agent: &Agent,
        (view, wish): (View, Wish),
        current: Option<ConversationId>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Self> {
        let is_turned = view.is_turned() && wish.sort == Sort::Own;
        let limit = if is_turned { ROWS } else { ROWS_MAX };
        let listing = Listing { shelf: view.shelf(), narrow: wish.narrow(), order: wish.sort.order(), before, limit };
        let summaries = store::listed(&app.db.read, (agent.id, agent.role), &listing).await?;
        let ids: Vec<_> = summaries.iter().map(|summary| summary.id).collect();
        let mut tags = triage::tags_of(&app.db.read, &ids).await?;
        let mut glimpses = match view {
            View::Waiting => cards::glimpses(&app.db.read, &ids).await?,
            _ => Vec::new(),
        };
        let (lang, mut calendars) = (Lang::of(agent), Calendars::default());
        let mut rows = Vec::with_capacity(summaries.len());
        for summary in &summaries {
            let mine = tags.extract_if(.., |tagged| tagged.conversation_id == summary.id).map(|tagged| tagged.tag);
            let waits = match glimpses.extract_if(.., |glimpse| glimpse.id == summary.id).next() {
                Some(glimpse) => Some(Waits::new(lang, &*site_by_id(app, summary.site_id).await?, summary, glimpse)),
                None => None,
            };
            rows.push(Row {
                tags: mine.collect(),
                due: calendars.chip(app, summary).await?,
                waits,
                ..Row::new(lang, summary, current)
            });
        }
        if wish.sort == Sort::Due {
            rows.sort_by_key(|row| row.due.as_ref().map_or(DateTime::<Utc>::MAX_UTC, |due| due.due_at));
        }
        let is_full = i64::try_from(summaries.len()).unwrap_or(i64::MAX) >= limit;
        let last = summaries.last().filter(|_| is_turned && is_full);
        Ok(Self {
            view,
            wish,
            older: last.map(|last| last.opened_at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            is_cut: is_full && !is_turned,
            rows,
            is_first_page: before.is_none(),
            is_beside: current.is_some(),
            bar: None,
        })
    }

    /// With what sorts and narrows it.
    pub async fn with_bar(self, app: &App, agent: &Agent) -> Result<Self> {
        let bar = Bar::read(app, agent, self.view, &self.wish).await?;
        Ok(Self { bar: Some(bar), ..self })
    }

    /// The line with nothing beside it has the room to say more of each.
    pub fn shows_columns(&self) -> bool {
        self.view == View::Waiting && !self.is_beside
    }

    /// What its live update is called.
    pub fn topic(&self) -> String {
        match self.wish.query() {
            query if query.is_empty() => format!("list:{}", self.view.as_str()),
            query => format!("list:{}?{query}", self.view.as_str()),
        }
    }

    /// The address of its next page.
    pub fn older_link(&self, older: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(self.wish.link());
        query.append_pair("before", older);
        format!("/console/inbox/{}?{}", self.view.as_str(), query.finish())
    }
}

#[derive(Template)]
#[template(path = "console/_rows.html")]
struct ListFragment<'a> {
    list: &'a List,
}

#[derive(Template)]
#[template(path = "console/_row.html")]
struct RowFragment<'a> {
    row: &'a Row,
    view: View,
}

impl List {
    /// For a live update; pages include the same templates.
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &ListFragment { list: self })
    }

    pub fn print_row(&self, lang: Lang, row: &Row) -> Result<String> {
        words::print(lang, &RowFragment { row, view: self.view })
    }
}
