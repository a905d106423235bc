//! What stands over a list: how it may be sorted and narrowed, and how it is.

use super::View;
use super::wish::{Sort, Wish};
use crate::app::App;
use crate::conversations;
use crate::domain::id::{SiteId, TagId, TeamId};
use crate::domain::people::Agent;
use crate::error::Result;
use crate::store::{desk, people, triage};
use crate::words::Lang;

/// Above this many shops only these are offered.
const SITES: usize = 50;

#[derive(Clone, Debug)]
pub struct Bar {
    pub sorts: [Sort; 5],
    pub tags: Vec<(TagId, String)>,
    pub teams: Vec<(TeamId, String)>,
    /// More than one, or none.
    pub sites: Vec<(SiteId, String)>,
    pub chips: Vec<Chip>,
    /// How many chats of theirs sleep.
    pub asleep: i64,
}

/// One thing that was asked for, and the address without it.
#[derive(Clone, Debug)]
pub struct Chip {
    pub words: String,
    pub without: String,
}

impl Bar {
    pub async fn read(app: &App, agent: &Agent, view: View, wish: &Wish) -> Result<Self> {
        let db = &app.db.read;
        let mut ids = people::sites_of(db, agent.id, agent.role).await?;
        ids.truncate(SITES);
        let mut sites = Vec::with_capacity(ids.len());
        for id in &ids {
            sites.push((*id, conversations::site_by_id(app, *id).await?.name.clone()));
        }
        let at = |site: SiteId, name: String| match sites.iter().find(|(id, _)| *id == site) {
            Some((_, shop)) if sites.len() > 1 => format!("{name} ({shop})"),
            _ => name,
        };
        let tags = triage::tags_at(db, &ids).await?;
        let teams = triage::teams_at(db, &ids).await?;
        let mut bar = Self {
            sorts: Sort::ALL,
            tags: tags.into_iter().map(|(site, id, name)| (id, at(site, name))).collect(),
            teams: teams.into_iter().map(|(site, id, name)| (id, at(site, name))).collect(),
            sites: if sites.len() > 1 { sites.clone() } else { Vec::new() },
            chips: Vec::new(),
            asleep: desk::asleep(db, agent.id).await?,
        };
        bar.chips = bar.chips(Lang::of(agent), view, wish);
        Ok(bar)
    }

    fn chips(&self, lang: Lang, view: View, wish: &Wish) -> Vec<Chip> {
        let gone = || lang.say("filter-gone");
        let mut chips = Vec::new();
        let mut add = |words: String, without: Wish| {
            let without = format!("/console/inbox/{}?{}", view.as_str(), without.link());
            chips.push(Chip { words, without });
        };
        if wish.sort != Sort::Own {
            add(lang.say(wish.sort.label()), Wish { sort: Sort::Own, ..*wish });
        }
        if let Some(tag) = wish.tag {
            add(named(&self.tags, &tag).unwrap_or_else(gone), Wish { tag: None, ..*wish });
        }
        if let Some(team) = wish.team {
            add(named(&self.teams, &team).unwrap_or_else(gone), Wish { team: None, ..*wish });
        }
        if let Some(site) = wish.site {
            add(named(&self.sites, &site).unwrap_or_else(gone), Wish { site: None, ..*wish });
        }
        if wish.is_unread {
            add(lang.say("filter-unread"), Wish { is_unread: false, ..*wish });
        }
        if wish.is_unassigned {
            add(lang.say("filter-unassigned"), Wish { is_unassigned: false, ..*wish });
        }
        chips
    }
}

fn named<T: PartialEq>(all: &[(T, String)], id: &T) -> Option<String> {
    all.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
}
