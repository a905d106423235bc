//! Whether a shop is open: one truth of its hours, of who is there to answer, and of how long the line is.

use crate::app::App;
use crate::domain::hours::Hours;
use crate::domain::id::TeamId;
use crate::domain::people::Team;
use crate::domain::site::Site;
use crate::error::Result;
use crate::store::staffing;
use chrono::{DateTime, Utc};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Openness {
    pub is_open: bool,
    /// When the hours open it next; `None` while they say that it is open: nobody is there, or the line is full.
    pub opens_at: Option<DateTime<Utc>>,
}

/// What a shop's being open hangs on, looked at once for the shop and all its teams.
pub struct Look<'a> {
    site: &'a Site,
    now: DateTime<Utc>,
    /// The teams in which somebody is; `None` where the shop asks for nobody.
    staffed: Option<Vec<TeamId>>,
    is_line_full: bool,
}

impl<'a> Look<'a> {
    pub async fn at(app: &App, site: &'a Site) -> Result<Self> {
        let now = app.clock.now();
        let staffed = if site.settings.routing.needs_staff {
            Some(staffing::staffed_teams(&app.db.read, site.id, now).await?)
        } else {
            None
        };
        Ok(Self { site, now, staffed, is_line_full: is_line_full(app, site).await? })
    }

    /// Of the shop, or of one of its teams: by the team's own hours where it has some.
    pub fn openness(&self, team: Option<&Team>) -> Openness {
        let hours = hours(self.site, team);
        let is_staffed = self.staffed.as_ref().is_none_or(|staffed| match team {
            Some(team) => staffed.contains(&team.id),
            None => !staffed.is_empty(),
        });
        let is_open = hours.is_open(self.now) && is_staffed && !self.is_line_full;
        Openness { is_open, opens_at: hours.opens_at(self.now) }
    }
}

/// The calendar that holds for a team, or for the shop as a whole.
pub fn hours<'a>(site: &'a Site, team: Option<&'a Team>) -> &'a Hours {
    team.and_then(|team| team.settings.hours.as_ref()).unwrap_or(&site.settings.hours)
}

/// Whether as many wait as the shop lets wait. A few who come at the same moment may all still find room.
pub async fn is_line_full(app: &App, site: &Site) -> Result<bool> {
    let most = i64::from(site.settings.routing.queue_max);
    Ok(most > 0 && staffing::in_line(&app.db.read, site.id).await? >= most)
}
