//! What rings at whoever is signed in: shown on every page, because an offer does not wait for the right one.

use super::Face;
use crate::app::{self, App};
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::line::{Reason, Ringing};
use crate::error::Result;
use crate::store::conversations::{Summary, summary};
use crate::store::queue::reserve;
use crate::words::{self, Lang, When, filters};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

#[derive(Clone, Debug)]
pub struct Offer {
    pub id: ConversationId,
    pub name: String,
    pub face: Face,
    pub team: Option<String>,
    /// The colleague who asks; else the queue does.
    pub from: Option<String>,
    pub excerpt: String,
    pub since: When,
    pub until: String,
    pub left_s: i64,
    /// So that accepting twice is accepting once.
    pub cid: String,
}

pub async fn ringing_at(app: &App, lang: Lang, agent: AgentId) -> Result<Vec<Offer>> {
    let now = app.clock.now();
    let mut offers = Vec::new();
    for ringing in reserve::ringing(&app.db.read, agent, now).await? {
        if let Some(summary) = summary(&app.db.read, ringing.id).await? {
            offers.push(Offer::new(lang, summary, &ringing, now));
        }
    }
    Ok(offers)
}

impl Offer {
    fn new(lang: Lang, chat: Summary, ringing: &Ringing, now: DateTime<Utc>) -> Self {
        let name = if chat.shopper_name.is_empty() { lang.say("visitor") } else { chat.shopper_name };
        let since = chat.queued_at.unwrap_or(chat.opened_at);
        Self {
            id: chat.id,
            face: Face::of(&name),
            name,
            team: chat.team_name,
            from: chat.assignee_name.filter(|_| ringing.reason == Reason::Transfer),
            excerpt: chat.last_message,
            since: since.into(),
            until: ringing.until.to_rfc3339_opts(SecondsFormat::Millis, true),
            left_s: (ringing.until - now).num_seconds().max(0),
            cid: app::new_id().to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "console/_offers.html")]
struct OffersFragment<'a> {
    offers: &'a [Offer],
}

/// For a live update; pages include the same template.
pub fn print(lang: Lang, offers: &[Offer]) -> Result<String> {
    words::print(lang, &OffersFragment { offers })
}
