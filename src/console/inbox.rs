//! The lists: mine, waiting, snoozed, all, closed.

mod bar;
mod list;
mod next;
mod own;
mod row;
mod wish;

pub use list::List;
pub use next::accept;
pub use own::go as own;
pub use row::FACTS;
pub use wish::Wish;

use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::TeamId;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::conversations::Shelf;
use crate::store::triage;
use crate::words::filters;
use askama::Template;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    #[default]
    Mine,
    Waiting,
    /// Theirs that sleep.
    Snoozed,
    All,
    Closed,
}

impl View {
    pub const ALL: [Self; 5] = [Self::Mine, Self::Waiting, Self::Snoozed, Self::All, Self::Closed];
    pub const TABS: [Self; 4] = [Self::Mine, Self::Waiting, Self::All, Self::Closed];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Waiting => "waiting",
            Self::Snoozed => "snoozed",
            Self::All => "all",
            Self::Closed => "closed",
        }
    }

    /// The key of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mine => "view-mine",
            Self::Waiting => "view-waiting",
            Self::Snoozed => "view-snoozed",
            Self::All => "view-all",
            Self::Closed => "view-closed",
        }
    }

    fn shelf(self) -> Shelf {
        match self {
            Self::Mine => Shelf::Mine,
            Self::Waiting => Shelf::Waiting,
            Self::Snoozed => Shelf::Snoozed,
            Self::All => Shelf::All,
            Self::Closed => Shelf::Closed,
        }
    }

    /// Grows without end, and is turned page by page.
    fn is_turned(self) -> bool {
        matches!(self, Self::All | Self::Closed)
    }
}

/// How this person looked at a list last.
pub async fn remembered(app: &App, agent: &Agent, view: View) -> Result<Wish> {
    let habit = triage::habit(&app.db.read, agent.id, view.as_str()).await?;
    Ok(habit.as_deref().and_then(Wish::parse).unwrap_or_default())
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

/// A list that is asked for without a word about its sort or filters is as it was left. What is asked for is remembered: not
/// where another site's link leads here.
pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(view): Path<String>,
    Query(paging): Query<Paging>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let view = View::parse(&view).ok_or(Error::NotFound)?;
    let wish = match Wish::parse(query.as_deref().unwrap_or_default()) {
        Some(wish) => {
            let from = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
            if from.is_none_or(|from| from == "same-origin" || from == "none") {
                triage::set_habit(&app.db.read, who.agent.id, view.as_str(), &wish.query()).await?;
            }
            wish
        }
        None => match remembered(&app, &who.agent, view).await? {
            wish if wish == Wish::default() || paging.before.is_some() => Wish::default(),
            wish => {
                let to = format!("/console/inbox/{}?{}", view.as_str(), wish.query());
                return Ok(Redirect::to(&to).into_response());
            }
        },
    };
    let list = List::read(&app, &who.agent, (view, wish), None, paging.before).await?;
    let list = list.with_bar(&app, &who.agent).await?;
    let shell = Shell::of(&app, &who.agent, Section::Inbox, who.lang().say(view.label())).await?;
    print(who.reader(), StatusCode::OK, &InboxPage { shell, list })
}

/// A team's conversations: all of the agent's, narrowed.
pub async fn of_team(Path(team): Path<String>) -> Result<Redirect> {
    let team: TeamId = team.parse().map_err(|_| Error::NotFound)?;
    let wish = Wish { team: Some(team), ..Wish::default() };
    Ok(Redirect::to(&format!("/console/inbox/all?{}", wish.query())))
}
