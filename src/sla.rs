//! Targets for answers: warns before one is missed and says when it was, in the thread and to whoever can still help.
//!
//! Any node of the queue's role may look, and several may: what was noted is a row whose key says of which target and since
//! when, so that nothing is said twice. May not decide who is given a chat.

use crate::app::{self, App};
use crate::conversations::{publish, site_by_id};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId};
use crate::domain::people::Team;
use crate::domain::routing::Class;
use crate::domain::site::Site;
use crate::domain::sla::{Clock, Facts, Standing, clocks};
use crate::domain::span::spell;
use crate::error::Result;
use crate::presence::shop::hours;
use crate::realtime::event::{Due, Item};
use crate::realtime::hub::Topic;
use crate::store::sla::{self as store, Mark, Watched};
use crate::store::{patiently, sites};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const EVERY: Duration = Duration::from_secs(2);
/// Chats looked at together.
const PAGE: i64 = 500;

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    app::look_every(&app, (EVERY, TimeDelta::zero()), "targets for answers were not looked at", async |app: &App| {
        patiently(look(app)).await
    })
    .await;
}

async fn look(app: &App) -> Result<()> {
    for id in store::busy_sites(&app.db.read).await? {
        let site = site_by_id(app, id).await?;
        if site.settings.sla.has_targets() {
            look_at(app, &site).await?;
        }
    }
    Ok(())
}

async fn look_at(app: &App, site: &Site) -> Result<()> {
    let teams = sites::teams(&app.db.read, site.id).await?;
    let mut after = ConversationId(Uuid::nil());
    loop {
        let page = store::watched(&app.db.read, site.id, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for chat in &page {
            let team = teams.iter().find(|team| Some(team.id) == chat.team_id);
            for (clock, standing) in news(site, team, chat, app.clock.now()) {
                note(app, site, chat, &clock, standing).await?;
            }
        }
    }
}

/// The clocks that stand worse than was noted.
fn news(site: &Site, team: Option<&Team>, chat: &Watched, now: DateTime<Utc>) -> Vec<(Clock, Standing)> {
    let facts = Facts {
        class: Class::from_number(chat.priority),
        opened_at: chat.opened_at,
        answered_at: chat.answered_at,
        unanswered_since: chat.unanswered_since,
    };
    let noted = |clock: &Clock| {
        let noted = chat.noted.0.iter().find(|noted| noted.target == clock.target && noted.since == clock.since);
        noted.map_or(Standing::InTime, |noted| if noted.is_late { Standing::Breached } else { Standing::Warned })
    };
    let standing = clocks(&site.settings.sla, hours(site, team), &facts).map(|clock| (clock, clock.standing(now)));
    standing.filter(|(clock, standing)| *standing > noted(clock)).collect()
}

async fn note(app: &App, site: &Site, chat: &Watched, clock: &Clock, standing: Standing) -> Result<()> {
    let draft = Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Note,
        by: Author::System,
        by_name: String::new(),
        body: Some(sentence(clock, standing, site.settings.sla.warn_percent)),
        data: Some(json!({ "sla": { "target": clock.target, "state": standing, "due_at": clock.due_at } })),
        files: Vec::new(),
        internal: true,
        oversees: false,
    };
    let mark = Mark {
        site: site.id,
        conversation: chat.id,
        target: clock.target,
        since: clock.since,
        due_at: clock.due_at,
        standing,
        at: app.clock.now(),
        note: draft,
    };
    if let Some(stored) = store::mark(&app.db, mark).await? {
        publish(&app.hub, &stored, None);
        let due = Due { conversation: chat.id, target: clock.target, standing };
        for agent in who_can_help(app, site.id, chat).await? {
            app.hub.tell(Topic::Agent(agent), &Item::Due(due));
        }
    }
    Ok(())
}

/// Whoever has the chat, or while nobody has it, the supervisors.
async fn who_can_help(app: &App, site: SiteId, chat: &Watched) -> Result<Vec<AgentId>> {
    match chat.assignee_id {
        Some(owner) => Ok(vec![owner]),
        None => Ok(store::supervisors(&app.db.read, site).await?),
    }
}

fn sentence(clock: &Clock, standing: Standing, warn_percent: u8) -> String {
    let (target, within) = (clock.target.words(), spell(clock.within_s));
    match standing {
        Standing::Breached => format!("{target} late: {within} of opening time have passed."),
        Standing::Warned | Standing::InTime => {
            format!("{target} due soon: {warn_percent} % of {within} of opening time have passed.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::domain::sla::{Clock, Standing, Target};
    use chrono::DateTime;

    #[test]
    fn a_note_says_what_is_due_and_how_much_of_which_time_has_passed() {
        let clock = |target, within_s| Clock {
            target,
            since: DateTime::UNIX_EPOCH,
            within_s,
            half_at: DateTime::UNIX_EPOCH,
            warn_at: DateTime::UNIX_EPOCH,
            due_at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(
            sentence(&clock(Target::First, 300), Standing::Warned, 80),
            "First answer due soon: 80 % of 5 min of opening time have passed."
        );
        assert_eq!(
            sentence(&clock(Target::Resolution, 7_200), Standing::Breached, 80),
            "Resolution late: 2 h of opening time have passed."
        );
        assert_eq!(
            sentence(&clock(Target::Next, 45), Standing::Breached, 80),
            "Answer late: 45 s of opening time have passed."
        );
    }
}
