//! What the wall shows, as numbers.

use crate::app::App;
use crate::conversations::site_by_id;
use crate::domain::hours::day_began;
use crate::domain::id::SiteId;
use crate::domain::people::Agent;
use crate::domain::routing::Class;
use crate::error::Result;
use crate::store::people::sites_of;
use crate::store::wall::{self as store, Line, Person, Team, Today};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// How a wait stands to the target for first answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// There is no target.
    #[default]
    None,
    Ok,
    Warn,
    Over,
}

impl Level {
    pub fn of(waited: TimeDelta, target_s: u32) -> Self {
        let (waited, target) = (waited.num_milliseconds(), i64::from(target_s) * 1_000);
        match target {
            0 => Self::None,
            _ if waited > target => Self::Over,
            _ if waited * 2 >= target => Self::Warn,
            _ => Self::Ok,
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Over => "over",
        }
    }

    pub fn is_some(self) -> bool {
        self != Self::None
    }

    /// The key of what it is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::None | Self::Ok => "wall-on-target",
            Self::Warn => "wall-close",
            Self::Over => "wall-over",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Shop {
    pub name: String,
    /// How soon a shopper of the normal class should be answered, in seconds; 0 no target.
    pub target_s: u32,
}

#[derive(Clone, Debug)]
pub struct Numbers {
    pub now: DateTime<Utc>,
    pub shops: HashMap<SiteId, Shop>,
    pub lines: Vec<Line>,
    pub teams: Vec<Team>,
    pub chatting: i64,
    pub people: Vec<Person>,
    pub today: Today,
}

impl Numbers {
    /// Of every site that this supervisor works for.
    pub async fn read(app: &App, who: &Agent) -> Result<Self> {
        let (db, now) = (&app.db.read, app.clock.now());
        let sites = sites_of(db, who.id, who.role).await?;
        let (mut shops, mut days) = (HashMap::new(), Vec::with_capacity(sites.len()));
        for id in &sites {
            let site = site_by_id(app, *id).await?;
            days.push(day_began(&site.settings.hours.zone, now));
            let target_s = site.settings.sla.of(Class::Normal).first_s;
            shops.insert(*id, Shop { name: site.name.clone(), target_s });
        }
        Ok(Self {
            now,
            shops,
            lines: store::lines(db, &sites).await?,
            teams: store::teams(db, &sites).await?,
            chatting: store::chatting(db, &sites).await?,
            people: store::people(db, &sites, now).await?,
            today: store::today(db, &sites, &days).await?,
        })
    }

    pub fn target_of(&self, site: SiteId) -> u32 {
        self.shops.get(&site).map_or(0, |shop| shop.target_s)
    }

    /// The strictest target of all shops, in seconds; 0: there is none.
    pub fn strictest_s(&self) -> u32 {
        self.shops.values().map(|shop| shop.target_s).filter(|target| *target > 0).min().unwrap_or_default()
    }

    pub fn level(&self, since: DateTime<Utc>, site: SiteId) -> Level {
        Level::of(self.now - since, self.target_of(site))
    }

    /// When a wait comes close to its target next, or passes it: then the wall looks another way though nothing happened.
    pub fn turns_at(&self) -> Option<DateTime<Utc>> {
        let waits = self.lines.iter().map(|line| (line.oldest, line.site_id));
        let asked = self.people.iter().filter_map(|person| person.unanswered.zip(person.unanswered_at));
        let turns = waits.chain(asked).flat_map(|(since, site)| {
            let target = TimeDelta::seconds(i64::from(self.target_of(site)));
            [since + target / 2, since + target + TimeDelta::milliseconds(1)]
        });
        turns.filter(|at| *at > self.now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::Level;
    use chrono::TimeDelta;

    #[test]
    fn a_wait_is_close_to_its_target_from_half_of_it_and_over_it_past_it() {
        let level = |seconds, target| Level::of(TimeDelta::seconds(seconds), target);
        let cases = [(0, Level::Ok), (29, Level::Ok), (30, Level::Warn), (60, Level::Warn), (61, Level::Over)];
        for (seconds, expected) in cases {
            assert_eq!(level(seconds, 60), expected, "{seconds}");
            assert_eq!(level(seconds, 0), Level::None);
        }
    }
}
