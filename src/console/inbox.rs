//! The lists: mine, waiting, all, closed.

use super::due::Calendars;
use super::fragments::Row;
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::ConversationId;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::conversations::{self as store, Summary};
use crate::words::{self, Lang, filters};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::Arc;

/// Most rows on a page.
const ROWS: u16 = 50;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    #[default]
    Mine,
    Waiting,
    All,
    Closed,
}

impl View {
    pub const ALL: [Self; 4] = [Self::Mine, Self::Waiting, Self::All, Self::Closed];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Waiting => "waiting",
            Self::All => "all",
            Self::Closed => "closed",
        }
    }

    /// The key of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mine => "view-mine",
            Self::Waiting => "view-waiting",
            Self::All => "view-all",
            Self::Closed => "view-closed",
        }
    }
}

/// A list as page and live update print it.
#[derive(Clone, Debug)]
pub struct List {
    pub view: View,
    pub rows: Vec<Row>,
    pub views: [View; 4],
    /// Where the next page begins.
    pub older: Option<String>,
    pub is_first_page: bool,
}

impl List {
    pub async fn read(
        app: &App,
        agent: &Agent,
        view: View,
        current: Option<ConversationId>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Self> {
        let summaries = summaries(app, agent, view, before).await?;
        let mut calendars = Calendars::default();
        let mut rows = Vec::with_capacity(summaries.len());
        for summary in &summaries {
            rows.push(Row { due: calendars.chip(app, summary).await?, ..Row::new(Lang::of(agent), summary, current) });
        }
        let is_paged = matches!(view, View::All | View::Closed);
        let last = summaries.last().filter(|_| is_paged && summaries.len() == usize::from(ROWS));
        Ok(Self {
            view,
            older: last.map(|last| last.opened_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
            rows,
            views: View::ALL,
            is_first_page: before.is_none(),
        })
    }
}

async fn summaries(app: &App, agent: &Agent, view: View, before: Option<DateTime<Utc>>) -> Result<Vec<Summary>> {
    let db = &app.db.read;
    let who = (agent.id, agent.role);
    Ok(match view {
        View::Mine => store::active_of(db, agent.id).await?,
        View::Waiting => store::waiting_for(db, agent.id, agent.role, ROWS.into()).await?,
        View::All => store::history_for(db, who, false, before, ROWS.into()).await?,
        View::Closed => store::history_for(db, who, true, before, ROWS.into()).await?,
    })
}

#[derive(Template)]
#[template(path = "console/_rows.html")]
struct ListFragment<'a> {
    list: &'a List,
}

impl List {
    /// For a live update; pages include the same template.
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &ListFragment { list: self })
    }
}

#[derive(Template)]
#[template(path = "console/inbox.html")]
struct InboxPage {
    shell: Shell,
    list: List,
}

#[derive(Deserialize)]
pub struct Paging {
    before: Option<DateTime<Utc>>,
}

pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(view): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let view = View::parse(&view).ok_or(Error::NotFound)?;
    let list = List::read(&app, &who.agent, view, None, paging.before).await?;
    let shell = Shell::of(&app, &who.agent, Section::Inbox, who.lang().say(view.label())).await?;
    print(who.lang(), StatusCode::OK, &InboxPage { shell, list })
}
