//! What is offered to somebody who types an at sign in a note or a room: colleagues who may see the conversation, by their names.

use super::thread::{self, presence_word};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::{AgentId, ConversationId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::shell::print;
use crate::store::people;
use crate::words::filters;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Most that are offered.
const MOST: usize = 8;

#[derive(Template)]
#[template(path = "console/_mentions.html")]
struct Offers {
    /// With how free they are.
    staff: Vec<(AgentId, String, String)>,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

pub async fn offer(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let summary = thread::find(&app, &who.agent, id).await?;
    offer_in(&app, &who, (summary.site_id, id), &asked).await
}

/// What calls them is another number now, at every page of theirs.
pub fn tell_count(app: &App, agent: AgentId) {
    let (site, conversation) = (SiteId(uuid::Uuid::nil()), ConversationId(uuid::Uuid::nil()));
    app.hub.tell(Topic::Agent(agent), &Item::Changed { site, conversation });
}

pub async fn offer_in(
    app: &App,
    who: &SignedIn,
    (site, id): (SiteId, ConversationId),
    asked: &Asked,
) -> Result<Response> {
    let wanted = asked.q.to_lowercase();
    let fits = |name: &str| name.to_lowercase().split_whitespace().any(|part| part.starts_with(&wanted));
    let mut seeing = people::who_may_see(&app.db.read, id).await?;
    seeing.retain(|(agent, name)| *agent != who.agent.id && fits(name));
    seeing.truncate(MOST);
    let colleagues = people::colleagues(&app.db.read, site, app.clock.now()).await?;
    let presence: HashMap<_, _> = colleagues.iter().map(|one| (one.id, presence_word(who.lang(), one))).collect();
    let staff = seeing.into_iter().map(|(agent, name)| {
        let presence = presence.get(&agent).cloned().unwrap_or_default();
        (agent, name, presence)
    });
    print(who.reader(), StatusCode::OK, &Offers { staff: staff.collect() })
}
