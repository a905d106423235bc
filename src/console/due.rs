//! When a chat's next answer is due, in words and colour.

use super::fragments::When;
use crate::app::App;
use crate::conversations::site_by_id;
use crate::domain::id::SiteId;
use crate::domain::people::Team;
use crate::domain::routing::Class;
use crate::domain::site::Site;
use crate::domain::sla::{Facts, Standing, Target, most_urgent};
use crate::error::Result;
use crate::presence::shop::hours;
use crate::store::conversations::Summary;
use crate::store::sites;
use crate::words::Key;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// As a list shows it.
#[derive(Clone, Debug)]
pub struct Chip {
    /// The class of its colour.
    pub look: &'static str,
    pub words: Key,
    pub when: When,
    pub due_at: DateTime<Utc>,
    /// The page changes it by itself: from when on it says what.
    pub warn_at: When,
    pub soon: Key,
    pub late: Key,
}

/// The targets and calendars of the shops in one list, each read once.
#[derive(Default)]
pub struct Calendars {
    /// `None`: a shop without targets.
    sites: HashMap<SiteId, Option<Calendar>>,
}

struct Calendar {
    site: Arc<Site>,
    teams: Vec<Team>,
}

impl Calendar {
    async fn read(app: &App, id: SiteId) -> Result<Option<Self>> {
        let site = site_by_id(app, id).await?;
        if !site.settings.sla.has_targets() {
            return Ok(None);
        }
        Ok(Some(Self { site, teams: sites::teams(&app.db.read, id).await? }))
    }
}

impl Calendars {
    /// The clock of an open chat that asks for somebody first.
    pub async fn chip(&mut self, app: &App, chat: &Summary) -> Result<Option<Chip>> {
        if !chat.state.is_open() {
            return Ok(None);
        }
        let calendar = match self.sites.entry(chat.site_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Calendar::read(app, chat.site_id).await?),
        };
        let Some(Calendar { site, teams }) = calendar else { return Ok(None) };
        let team = teams.iter().find(|team| Some(team.id) == chat.team_id);
        let facts = Facts {
            class: Class::from_number(chat.priority),
            opened_at: chat.opened_at,
            answered_at: chat.answered_at,
            unanswered_since: chat.unanswered_since,
        };
        let clock = most_urgent(&site.settings.sla, hours(site, team), &facts);
        Ok(clock.map(|clock| {
            let now = app.clock.now();
            let standing = match clock.standing(now) {
                Standing::InTime if now >= clock.half_at => Standing::Warned,
                standing => standing,
            };
            let look = match standing {
                Standing::InTime => "ok",
                Standing::Warned => "warn",
                Standing::Breached => "bad",
            };
            Chip {
                look,
                words: words(clock.target, standing),
                when: clock.due_at.into(),
                due_at: clock.due_at,
                warn_at: clock.half_at.into(),
                soon: words(clock.target, Standing::Warned),
                late: words(clock.target, Standing::Breached),
            }
        }))
    }
}

/// What stands before the time.
fn words(target: Target, standing: Standing) -> Key {
    Key(match (target, standing) {
        (Target::First, Standing::InTime) => "due-first",
        (Target::First, Standing::Warned) => "due-first-soon",
        (Target::First, Standing::Breached) => "due-first-late",
        (Target::Next, Standing::InTime) => "due-next",
        (Target::Next, Standing::Warned) => "due-next-soon",
        (Target::Next, Standing::Breached) => "due-next-late",
        (Target::Resolution, Standing::InTime) => "due-solve",
        (Target::Resolution, Standing::Warned) => "due-solve-soon",
        (Target::Resolution, Standing::Breached) => "due-solve-late",
    })
}

/// What whoever is there is called with.
pub fn call(target: Target, standing: Standing) -> &'static str {
    let is_late = standing == Standing::Breached;
    match (target, is_late) {
        (Target::First, false) => "due-call-first-soon",
        (Target::First, true) => "due-call-first-late",
        (Target::Next, false) => "due-call-next-soon",
        (Target::Next, true) => "due-call-next-late",
        (Target::Resolution, false) => "due-call-solve-soon",
        (Target::Resolution, true) => "due-call-solve-late",
    }
}
